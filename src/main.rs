//! The `louma` program.

fn main() {}
