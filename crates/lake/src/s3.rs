//! A lake on S3, or on anything that speaks its protocol.
//!
//! The server, its region and the keys are told by the usual variables: `AWS_ENDPOINT_URL`,
//! `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`; `AWS_ALLOW_HTTP=true` for a server
//! without TLS. What is put there is sealed: the server sees names and lengths.

use std::ops::Range;

use futures_util::TryStreamExt;
use jiff::Timestamp;
use object_store::{
    ObjectStore, ObjectStoreExt, PutPayload,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path,
};
use tokio::runtime::{Builder, Runtime};

use crate::{LakeError, Object, Place};

/// A bucket, or a part of one.
pub struct S3 {
    address: String,
    prefix: String,
    bucket: AmazonS3,
    runtime: Runtime,
}

impl S3 {
    /// By its address, `s3://BUCKET/PREFIX`; the server and the keys are in the environment.
    ///
    /// # Errors
    /// It is no such address; the environment does not say which server and whose keys.
    pub fn new(address: &str) -> Result<Self, LakeError> {
        Self::with(address, AmazonS3Builder::from_env())
    }

    /// The same, and the server and the keys are these: pairs of the variables' names, in small
    /// letters, and values.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn told(address: &str, settings: &[(&str, &str)]) -> Result<Self, LakeError> {
        let mut builder = AmazonS3Builder::new();
        for (name, value) in settings {
            let key = name.parse().map_err(|e: object_store::Error| {
                LakeError::Address(format!("{name} is no setting of S3: {e}"))
            })?;
            builder = builder.with_config(key, *value);
        }
        Self::with(address, builder)
    }

    fn with(address: &str, builder: AmazonS3Builder) -> Result<Self, LakeError> {
        let wrong = |why: &str| LakeError::Address(format!("{address}: {why}"));
        let rest = address.strip_prefix("s3://").ok_or_else(|| wrong("it is not of S3"))?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(wrong("it names no bucket"));
        }
        let prefix = prefix.trim_matches('/');
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        let bucket = builder.with_bucket_name(bucket).build();
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        Ok(Self {
            address: address.to_owned(),
            prefix,
            bucket: bucket.map_err(|e| wrong(&e.to_string()))?,
            runtime: runtime.map_err(|e| wrong(&e.to_string()))?,
        })
    }

    fn at(&self, name: &str) -> Path {
        Path::from(format!("{}{name}", self.prefix))
    }

    fn failed(&self, name: &str, e: &object_store::Error) -> LakeError {
        match e {
            object_store::Error::NotFound { .. } => LakeError::Missing(name.to_owned()),
            e => LakeError::Place { place: self.describe(), why: e.to_string() },
        }
    }
}

impl Place for S3 {
    fn describe(&self) -> String {
        self.address.clone()
    }

    fn at_once(&self) -> usize {
        16
    }

    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), LakeError> {
        let at = self.at(name);
        let put = self.bucket.put(&at, PutPayload::from(bytes.to_vec()));
        self.runtime.block_on(put).map(drop).map_err(|e| self.failed(name, &e))
    }

    fn read(&self, name: &str, range: Range<u64>) -> Result<Vec<u8>, LakeError> {
        let at = self.at(name);
        let read = self.bucket.get_range(&at, range);
        let bytes = self.runtime.block_on(read).map_err(|e| self.failed(name, &e))?;
        Ok(bytes.into())
    }

    fn remove(&self, name: &str) -> Result<(), LakeError> {
        let at = self.at(name);
        match self.runtime.block_on(self.bucket.delete(&at)) {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(e) => Err(self.failed(name, &e)),
        }
    }

    fn list(&self) -> Result<Vec<Object>, LakeError> {
        let below = self.at("");
        let found = self.bucket.list(Some(&below)).try_collect::<Vec<_>>();
        let found = self.runtime.block_on(found).map_err(|e| self.failed("", &e))?;
        let mut all: Vec<Object> = found
            .into_iter()
            .filter_map(|meta| {
                let name = meta.location.as_ref().strip_prefix(&self.prefix)?.to_owned();
                let written = Timestamp::from_millisecond(meta.last_modified.timestamp_millis());
                let written = written.unwrap_or(Timestamp::UNIX_EPOCH);
                Some(Object { name, bytes: meta.size, written })
            })
            .collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }
}
