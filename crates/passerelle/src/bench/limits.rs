//! What the machine itself can do, on the same bytes: the measure of what is left to gain.

use std::{fs, io::Write, path::Path, time::Instant};

use anyhow::{Result, anyhow};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use serde_json::{Value, json};

/// How much is written.
const WRITTEN: usize = 128 << 20;

/// Sequential write to that directory, AES-256-GCM and zstd on these bytes.
pub fn measure(dir: &Path, sample: &[u8]) -> Result<Value> {
    let mb = |bytes: usize, since: Instant| bytes as f64 / 1e6 / since.elapsed().as_secs_f64();
    let sample = &sample[..sample.len().min(16 << 20)];

    let path = dir.join("limit.bin");
    let block = vec![0x5a; 1 << 20];
    let began = Instant::now();
    let mut file = fs::File::create(&path)?;
    (0..WRITTEN / block.len()).try_for_each(|_| file.write_all(&block))?;
    file.sync_all()?;
    let write = mb(WRITTEN, began);
    fs::remove_file(&path)?;

    let refused = |_| anyhow!("AES is refused");
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[7; 32]).map_err(refused)?);
    let mut bytes = sample.to_vec();
    let began = Instant::now();
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key([0; 12]), Aad::empty(), &mut bytes)
        .map_err(refused)?;
    let aes = mb(sample.len(), began);

    let began = Instant::now();
    sample.chunks(32 << 10).try_for_each(|part| zstd::bulk::compress(part, 3).map(drop))?;
    let zstd = mb(sample.len(), began);
    Ok(json!({"write_mb_s": write, "aes_mb_s": aes, "zstd_mb_s": zstd}))
}
