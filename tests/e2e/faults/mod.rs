//! What goes wrong, each a row of RELIABILITY.md: what is promised all the same, and how long it takes.

mod backend;
mod commands;
mod outages;
mod overload;
mod tabs;
mod versions;
mod wires;
mod worker;
