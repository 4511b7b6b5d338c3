//! Where the node key is: in a file, under a key of a token, or in shares.

use std::{io::ErrorKind, path::PathBuf};

use anyhow::{Context, Result, bail, ensure};
use store::Secret;

use crate::{
    cli::WrongUse,
    config::{Config, Layout},
    shares::{self, SHARES},
    tls,
    token::{self, Wrapped},
};

/// The node key.
///
/// Shares that are named go before a token: they are how a node starts whose token is lost.
///
/// # Errors
/// It is nowhere; the token or the shares are not the right ones.
pub fn open(layout: &Layout, config: &Config) -> Result<Secret> {
    let path = layout.node_key();
    match std::fs::read(&path) {
        Ok(mut bytes) => {
            let key = Secret::from_slice(&bytes);
            bytes.fill(0);
            return key.with_context(|| format!("{} does not hold 32 bytes", path.display()));
        }
        Err(e) if e.kind() == ErrorKind::NotFound && elsewhere(layout) => {}
        Err(e) => return Err(e).with_context(|| format!("{} cannot be read", path.display())),
    }
    let named = std::env::var_os(SHARES);
    if layout.divided().exists() && (named.is_some() || !layout.wrapped().exists()) {
        return of_shares(layout, named);
    }
    let wrapped = wrapped(layout)?;
    let Some(of) = &config.keys.pkcs11 else {
        bail!(
            "{} is wrapped by a token, and passerelle.toml names none: write [keys] pkcs11 again, \
             or name shares in {SHARES}",
            layout.wrapped().display()
        );
    };
    ensure!(
        wrapped.state == config.country().code(),
        "{} is of the node of {}",
        layout.wrapped().display(),
        wrapped.state
    );
    token::unwrap(of, layout.root(), &wrapped)
}

fn elsewhere(layout: &Layout) -> bool {
    layout.divided().exists() || layout.wrapped().exists()
}

fn wrapped(layout: &Layout) -> Result<Wrapped> {
    Wrapped::parse(&tls::read_text(&layout.wrapped())?)
        .with_context(|| format!("{} is damaged: put back a copy", layout.wrapped().display()))
}

fn of_shares(layout: &Layout, named: Option<std::ffi::OsString>) -> Result<Secret> {
    let about = tls::read_text(&layout.divided())?;
    let Some(files) = named else {
        bail!(
            "{}. Name the files of so many shares in {SHARES}, with : between them",
            about.trim()
        );
    };
    let files: Vec<PathBuf> = std::env::split_paths(&files).collect();
    let (key, of) = shares::join(&shares::read(&files)?)?;
    ensure!(about.contains(&of.key), "these are shares of another key: {}", about.trim());
    Ok(key)
}

/// Puts the node key under the token that the configuration names; the key is nowhere else then,
/// but in shares that were made.
///
/// # Errors
/// The token cannot be used, or a disk refuses: the key stays where it was.
pub fn to_token(layout: &Layout, config: &Config) -> Result<()> {
    let key = open(layout, config)?;
    wrap(layout, config, &key)?;
    if layout.node_key().exists() {
        std::fs::remove_file(layout.node_key())?;
    }
    Ok(())
}

/// Writes the node key as the token wraps it.
///
/// # Errors
/// The configuration names no token, it cannot be used, or a disk refuses.
pub fn wrap(layout: &Layout, config: &Config, key: &Secret) -> Result<()> {
    let Some(of) = &config.keys.pkcs11 else {
        bail!(WrongUse(
            "passerelle.toml names no token: write pkcs11 = { module = \"/usr/lib/….so\", token = \
             \"LABEL\" } below [keys]"
                .into()
        ));
    };
    let wrapped = token::wrap(of, layout.root(), (config.country().code(), key))?;
    tls::replace_secret(&layout.wrapped(), wrapped.to_string().as_bytes())
}

/// Takes the node key out of the token's hands, into its file.
///
/// # Errors
/// It is in the file, or does not open.
pub fn from_token(layout: &Layout, config: &Config) -> Result<()> {
    ensure!(
        !layout.node_key().exists(),
        WrongUse(format!("{} is there", layout.node_key().display()))
    );
    ensure!(
        layout.wrapped().exists(),
        WrongUse(format!("{} is not there: no token has it", layout.wrapped().display()))
    );
    let key = open(layout, config)?;
    tls::write_secret(&layout.node_key(), key.bytes())?;
    Ok(std::fs::remove_file(layout.wrapped())?)
}

/// What is to be said of where the node key is: nothing is broken by it yet.
pub fn notes(layout: &Layout, config: &Config) -> Vec<String> {
    let (key, wrapped) = (layout.node_key(), layout.wrapped());
    let dir = layout.root().display();
    let mut notes = Vec::new();
    match &config.keys.pkcs11 {
        Some(of) => match token::look(of) {
            Ok(said) => notes.extend(said),
            Err(e) => notes.push(format!("{e:#}")),
        },
        None if wrapped.exists() => notes.push(format!(
            "{} is wrapped by a token that passerelle.toml does not name: the node does not start \
             again without it",
            wrapped.display()
        )),
        None => {}
    }
    if key.exists() && (config.keys.pkcs11.is_some() || elsewhere(layout)) {
        notes.push(format!(
            "{} lies there in clear, though it is meant to be elsewhere: `passerelle keys to-token \
             {dir}` puts it under the token",
            key.display()
        ));
    }
    if wrapped.exists() && !layout.divided().exists() {
        notes.push(format!(
            "if the token is lost, so is every list: `passerelle keys divide {dir} …` makes shares \
             that open it without"
        ));
    }
    notes
}

/// One line that says where it is.
pub fn place(layout: &Layout, config: &Config) -> String {
    let token = config.keys.pkcs11.as_ref();
    let (wrapped, divided) = (layout.wrapped().exists(), layout.divided().exists());
    let about = || tls::read_text(&layout.divided()).unwrap_or_default().trim().to_owned();
    if layout.node_key().exists() {
        return format!("in {}, in clear", layout.node_key().display());
    }
    match (wrapped, token) {
        (true, Some(of)) if divided => {
            format!("under key {:?} of token {:?}; or: {}", of.key, of.token, about())
        }
        (true, Some(of)) => format!("under key {:?} of token {:?}", of.key, of.token),
        (true, None) => "under a key of a token that passerelle.toml does not name".to_owned(),
        (false, _) if divided => about(),
        (false, _) => "nowhere: put keys/node.key back from its copy".to_owned(),
    }
}
