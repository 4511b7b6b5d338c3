//! The node key in shares: so many of so many people are needed to start a node (Shamir's
//! scheme, crate `blahaj`), and the machine that is switched off holds no key.
//!
//! A share is a file of one line of text, for a person to keep apart from the others:
//!
//! ```text
//! passerelle-share GBR 1/5 needs 3 key 5f0c2a91d3e47b68 : 01a3…
//! ```
//! It names the key that it is of by a digest, so that shares of different keys, or a damaged
//! one, are found out before anything is opened with them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use audit::Digest;
use blahaj::{Share, Sharks};
use store::Secret;

use crate::{cli::WrongUse, config::Layout, tls};

/// Names the files with the shares that open the node key, `:` between them.
pub const SHARES: &str = "PASSERELLE_SHARES";

/// What is said of a key that was divided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divided {
    /// The state whose node's it is.
    pub state: String,
    /// How many shares there are.
    pub shares: u8,
    /// How many are needed.
    pub needed: u8,
    /// Which key it is.
    pub key: String,
}

/// One share, as somebody keeps it.
struct Kept {
    of: Divided,
    share: Share,
}

/// Which key it is: nothing of it can be guessed from this.
pub(crate) fn fingerprint(key: &Secret) -> String {
    Digest::of_parts(&[b"passerelle divided key", key.bytes()]).to_string()[..16].to_owned()
}

/// What [`tls::hex`] wrote.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let byte = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    (0..text.len()).step_by(2).map(byte).collect()
}

/// Divides a key into texts.
///
/// # Errors
/// The numbers do not fit.
pub fn divide(state: &str, key: &Secret, (needed, shares): (u8, u8)) -> Result<Vec<String>> {
    ensure!(
        needed >= 2 && needed <= shares && shares <= 32,
        WrongUse("at least two shares are needed, of at most 32".to_owned())
    );
    let fingerprint = fingerprint(key);
    let dealt = Sharks(needed).dealer(key.bytes()).take(usize::from(shares));
    let text = |(number, share): (usize, Share)| {
        let bytes: Vec<u8> = (&share).into();
        format!(
            "passerelle-share {state} {}/{shares} needs {needed} key {fingerprint} : {}\n",
            number + 1,
            tls::hex(&bytes)
        )
    };
    Ok(dealt.enumerate().map(text).collect())
}

fn parse(text: &str) -> Option<Kept> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let ["passerelle-share", state, number, "needs", needed, "key", key, ":", share] = words[..]
    else {
        return None;
    };
    let (_, shares) = number.split_once('/')?;
    let of = Divided {
        state: state.to_owned(),
        shares: shares.parse().ok()?,
        needed: needed.parse().ok()?,
        key: key.to_owned(),
    };
    Some(Kept { of, share: Share::try_from(from_hex(share)?.as_slice()).ok()? })
}

/// The key of which these are shares.
///
/// # Errors
/// They are too few, of different keys, or damaged.
pub fn join(texts: &[String]) -> Result<(Secret, Divided)> {
    let mut kept = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        kept.push(parse(text).with_context(|| format!("share {} is no share", number + 1))?);
    }
    let Some(of) = kept.first().map(|k| k.of.clone()) else { bail!("no share was given") };
    ensure!(kept.iter().all(|k| k.of == of), "these are shares of different keys");
    kept.sort_by_key(|k| k.share.x.0);
    kept.dedup_by_key(|k| k.share.x.0);
    ensure!(
        kept.len() >= usize::from(of.needed),
        "{} different shares of {} are needed, and {} were given",
        of.needed,
        of.shares,
        kept.len()
    );
    let scheme = Sharks(of.needed);
    let recovered = scheme.recover(kept.iter().map(|k| &k.share));
    let mut bytes = recovered.map_err(|e| anyhow::anyhow!("the shares do not fit: {e}"))?;
    let key = Secret::from_slice(&bytes);
    bytes.fill(0);
    match key {
        Some(key) if fingerprint(&key) == of.key => Ok((key, of)),
        _ => bail!("a share is damaged: what comes of them is not the key {}", of.key),
    }
}

/// Reads files of shares.
///
/// # Errors
/// One cannot be read.
pub fn read(files: &[PathBuf]) -> Result<Vec<String>> {
    files.iter().map(|file| tls::read_text(file)).collect()
}

/// What is written beside the other keys of a node whose own is divided.
pub fn about(of: &Divided) -> String {
    format!(
        "The node key {} of {} is divided: {} of its {} shares are needed\n",
        of.key, of.state, of.needed, of.shares
    )
}

/// Writes shares of a key to a folder, and makes sure that they are it before its file is removed.
///
/// # Errors
/// The numbers do not fit; a disk refuses.
pub fn write(
    layout: &Layout,
    (state, key): (&str, &Secret),
    numbers: (u8, u8),
    to: &Path,
) -> Result<Vec<PathBuf>> {
    let texts = divide(state, key, numbers)?;
    let mut files = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        let file = to.join(format!("{}-share-{}.txt", state.to_lowercase(), number + 1));
        tls::write_secret(&file, text.as_bytes())?;
        files.push(file);
    }
    let (again, of) = join(&read(&files)?)?;
    ensure!(again.bytes() == key.bytes(), "the shares that were written are not the key");
    if layout.divided().exists() {
        std::fs::remove_file(layout.divided())?;
    }
    tls::write_public(&layout.divided(), about(&of).as_bytes())?;
    if layout.node_key().exists() {
        std::fs::remove_file(layout.node_key())?;
    }
    Ok(files)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn divided() -> (Secret, Vec<String>) {
        let key = Secret::from_slice(&[7; 32]).unwrap();
        let texts = divide("GBR", &key, (3, 5)).unwrap();
        (key, texts)
    }

    #[test]
    fn any_three_of_five_are_the_key_and_no_two_are() {
        let (key, texts) = divided();
        for a in 0..5 {
            for b in 0..5 {
                for c in 0..5 {
                    let given = [a, b, c].map(|i| texts[i].clone());
                    let different = a != b && b != c && a != c;
                    match join(&given) {
                        Ok((found, of)) => {
                            assert!(different && found.bytes() == key.bytes());
                            assert_eq!((of.needed, of.shares), (3, 5));
                        }
                        Err(e) => assert!(!different, "{e}"),
                    }
                }
            }
        }
        assert!(join(&texts[..2]).unwrap_err().to_string().contains("3 different shares"));
    }

    #[test]
    fn a_damaged_share_and_one_of_another_key_are_found_out() {
        let (_, mut texts) = divided();
        let other = divide("GBR", &Secret::from_slice(&[8; 32]).unwrap(), (3, 5)).unwrap();
        let mixed = [texts[0].clone(), texts[1].clone(), other[2].clone()];
        assert!(join(&mixed).unwrap_err().to_string().contains("different keys"));
        let last = texts[2].trim_end().chars().next_back().unwrap();
        let changed = if last == '0' { "1\n" } else { "0\n" };
        let end = texts[2].trim_end().len() - 1;
        texts[2].replace_range(end.., changed);
        assert!(join(&texts[..3]).unwrap_err().to_string().contains("damaged"));
        assert!(join(&["a shopping list".to_owned()]).is_err());
    }

    #[test]
    fn nothing_of_the_key_stands_in_a_share_or_beside_it() {
        let (key, texts) = divided();
        let hex = tls::hex(key.bytes());
        assert!(texts.iter().all(|t| !t.contains(&hex[..16])));
        assert!(divide("GBR", &key, (1, 5)).is_err() && divide("GBR", &key, (4, 3)).is_err());
    }
}
