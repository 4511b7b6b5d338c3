//! `passerelle officer`: who may sign in.

use std::path::PathBuf;

use anyhow::{Context, Result};
use audit::{Actor, Event};
use store::Change;

use super::{AT_THE_MACHINE, table};
use crate::{cli::NodeDir, init, node::Node};

/// `passerelle officer …`.
#[derive(Debug, clap::Subcommand)]
pub enum OfficerCommand {
    /// Give somebody an account, or new roles and a new password
    #[command(after_help = "Examples:
  passerelle officer add gbr b.jones --role officer
  passerelle officer add gbr c.evans --role officer --role supervisor --password-file pw")]
    Add {
        #[command(flatten)]
        node: NodeDir,
        /// User name.
        name: String,
        /// What the account may do: officer, supervisor, dpo, liaison, administrator.
        #[arg(long = "role", required = true)]
        roles: Vec<String>,
        /// A file whose first line is the password; asked for when absent.
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Show the accounts
    #[command(after_help = "Example:\n  passerelle officer list gbr")]
    List {
        #[command(flatten)]
        node: NodeDir,
    },
    /// Close an account
    #[command(after_help = "Example:\n  passerelle officer remove gbr b.jones")]
    Remove {
        #[command(flatten)]
        node: NodeDir,
        /// User name.
        name: String,
    },
}

/// Runs it.
pub fn run(command: OfficerCommand) -> Result<()> {
    match command {
        OfficerCommand::Add { node, name, roles, password_file } => {
            let node = Node::open(&node.dir)?;
            let password = match password_file {
                Some(file) => init::first_line(&file)?,
                None => init::ask_password(&name)?,
            };
            let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
            node.add_officer(&name, &password, &roles, AT_THE_MACHINE)?;
            println!("{name} may sign in as {}.", roles.join(", "));
            Ok(())
        }
        OfficerCommand::List { node } => list(&Node::open(&node.dir)?),
        OfficerCommand::Remove { node, name } => remove(&Node::open(&node.dir)?, &name),
    }
}

fn remove(node: &Node, name: &str) -> Result<()> {
    let mut row =
        node.store().officer(name)?.with_context(|| format!("there is no officer {name}"))?;
    row.enabled = false;
    let event = Event::OfficerRemoved { officer: name.to_owned() };
    node.record(vec![Change::Officer(row)], Actor::Officer(AT_THE_MACHINE.into()), vec![event])
}

fn list(node: &Node) -> Result<()> {
    let rows: Vec<Vec<String>> = node
        .store()
        .officers()?
        .into_iter()
        .map(|o| {
            let state = if o.enabled { "may sign in" } else { "closed" };
            vec![o.id, o.roles.replace(',', ", "), state.into()]
        })
        .collect();
    table(&["OFFICER", "ROLES", "STATE"], &rows);
    Ok(())
}
