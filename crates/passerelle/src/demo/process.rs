//! A node as a process of its own.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// How long a node has to stop.
const STOP_WITHIN: Duration = Duration::from_secs(30);

/// A running node. It is killed when dropped without [`Process::stop`].
pub struct Process {
    child: Child,
    pid_file: PathBuf,
    /// From the start of the process to its ready line.
    pub ready_s: f64,
}

impl Process {
    /// Starts `passerelle serve DIR`, its log in `DIR.log`, and waits until it is ready.
    pub fn start(dir: &Path) -> Result<Self> {
        let pid_file = dir.with_extension("pid");
        stop_left_over(&pid_file, dir)?;
        let log_file = dir.with_extension("log");
        let log = fs::OpenOptions::new().create(true).append(true).open(&log_file)?;
        let started = Instant::now();
        // A group of its own: Ctrl-C is for the demonstration, which stops its nodes.
        let mut child = Command::new(std::env::current_exe()?)
            .arg("serve")
            .arg(dir)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .process_group(0)
            .spawn()
            .context("a node cannot be started")?;
        let out = child.stdout.take().context("a node without output")?;
        fs::write(&pid_file, child.id().to_string())?;
        let mut process = Self { child, pid_file, ready_s: 0.0 };
        let mut lines = BufReader::new(out).lines();
        if !lines.by_ref().map_while(Result::ok).any(|line| line.starts_with("ready")) {
            let _ = process.child.wait();
            bail!("the node in {} did not start; see {}", dir.display(), log_file.display());
        }
        process.ready_s = started.elapsed().as_secs_f64();
        // What it still prints is read, so that it never waits for us.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(process)
    }

    /// Whether it has ended by itself.
    pub fn ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// The most memory that it had resident so far; 0 where the system does not tell.
    pub fn peak_rss_bytes(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
        let kib =
            line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse::<u64>().ok());
        kib.unwrap_or(0) * 1024
    }

    /// SIGTERM; [`stop`](Self::stop) waits for the end.
    pub fn tell_to_stop(&self) {
        terminate(self.child.id());
    }

    /// SIGTERM, and waits for the end.
    pub fn stop(mut self) -> Result<()> {
        self.tell_to_stop();
        let end = Instant::now() + STOP_WITHIN;
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait()? {
                let _ = fs::remove_file(&self.pid_file);
                if !status.success() {
                    bail!("a node ended with {status}");
                }
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("a node did not stop within {} seconds", STOP_WITHIN.as_secs())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        let _ = fs::remove_file(&self.pid_file);
    }
}

/// The shell's own `kill`: there is a shell everywhere, a program of that name is not.
pub(crate) fn terminate(pid: u32) {
    let _ = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &pid.to_string()]).status();
}

/// Stops a node of this directory that a demonstration left when it was killed.
fn stop_left_over(pid_file: &Path, dir: &Path) -> Result<()> {
    let Ok(text) = fs::read_to_string(pid_file) else { return Ok(()) };
    let Ok(pid) = text.trim().parse::<u32>() else { return Ok(()) };
    let runs = || {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let words: Vec<&[u8]> = line.split(|b| *b == 0).collect();
        words.get(1) == Some(&b"serve".as_slice())
            && words.get(2) == Some(&dir.as_os_str().as_encoded_bytes())
    };
    if runs() {
        terminate(pid);
        let end = Instant::now() + STOP_WITHIN;
        while runs() {
            if Instant::now() > end {
                bail!("a node of an earlier demonstration (process {pid}) does not stop");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    Ok(())
}
