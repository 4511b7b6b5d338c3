//! The state's keys as the node holds them, and their file: another process may make a new epoch
//! while the node runs.

use std::{fs, sync::Arc};

use anyhow::{Context, Result, ensure};
use exchange::{ExchangeError, StateKeys};

use super::Node;
use crate::{config::Layout, tls};

impl Node {
    /// The state's keys, as they are at the moment.
    pub fn keys(&self) -> Arc<StateKeys> {
        self.keys.read().clone()
    }

    /// Reads the key file again. Only epochs change so: another identity would bind nobody.
    ///
    /// # Errors
    /// The file cannot be read, or is of another identity; the keys of before stay.
    pub fn reload_keys(&self) -> Result<()> {
        self.take_up(read(self.layout())?)?;
        Ok(())
    }

    /// Changes the epoch keys in the key file: the new one is whole on the disk before it takes the
    /// old one's place, and two processes do it one after the other.
    ///
    /// # Errors
    /// The change, or the disk: nothing was changed.
    pub fn change_keys(
        &self,
        change: impl FnOnce(StateKeys) -> Result<StateKeys, ExchangeError>,
    ) -> Result<Arc<StateKeys>> {
        let path = self.layout().state_key();
        let folder = path.parent().context("a key file in no folder")?;
        let one_at_a_time = fs::File::open(folder)?;
        one_at_a_time.lock()?;
        let keys = change(read(self.layout())?)?;
        tls::replace_secret(&path, &keys.encode())?;
        self.take_up(keys)
    }

    fn take_up(&self, keys: StateKeys) -> Result<Arc<StateKeys>> {
        ensure!(
            keys.public().digest() == self.keys().public().digest(),
            "{} holds the keys of another identity: put the right file back",
            self.layout().state_key().display()
        );
        let keys = Arc::new(keys);
        *self.keys.write() = keys.clone();
        Ok(keys)
    }
}

pub(super) fn read(layout: &Layout) -> Result<StateKeys> {
    let path = layout.state_key();
    let mut bytes =
        fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    let keys = StateKeys::decode(&bytes);
    bytes.fill(0);
    keys.with_context(|| format!("{} holds no keys", path.display()))
}
