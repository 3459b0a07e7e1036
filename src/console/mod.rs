//! The console of staff: what surrounds its pages, and the way in.
//!
//! Each capability draws its own pages inside `console/layout.html`. Nothing here knows a ticket.

pub mod view;
