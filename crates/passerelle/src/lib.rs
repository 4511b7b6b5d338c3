//! The program: a node that receives passenger lists, screens them, puts hits
//! before officers, and exchanges with partners what agreements permit.

mod bench;
pub mod bodies;
mod check;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod config;
pub mod courier;
pub mod demo;
pub mod documents;
mod evaluate;
pub mod folder;
pub mod init;
pub mod intake;
pub mod invariants;
pub mod keeper;
pub mod known;
pub mod log;
pub mod node;
pub mod node_key;
mod office;
pub mod officers;
pub mod pipeline;
pub mod screen;
pub mod serve;
pub mod shares;
pub mod stages;
pub mod threads;
pub mod tls;
pub mod token;
