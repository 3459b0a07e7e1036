//! Reports as residents make and follow them: the door page, the page of one report, the receipt.
//!
//! The pages say everything in plain words and work without a script. What they show is filled in
//! [`view`]; rules of tickets live with the tickets.

pub mod view;
