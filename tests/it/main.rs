//! What the outside world sees: one test binary, one module for each capability.

mod oracle;
mod posters;
