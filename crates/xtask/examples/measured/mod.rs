//! What a bench has measured: ours beside the rivals', run by run, as a line or as JSON.

use evaluation::Watch;

/// The allocator of `passerelle` itself, for ours and the rivals alike.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What the runs gave.
pub struct Measure {
    /// In what it is counted.
    pub unit: &'static str,
    /// Digits behind the point that say something.
    pub decimals: usize,
    /// Ours, a figure a run.
    pub ours: Vec<f64>,
    /// The rivals' figures of the same runs.
    pub rivals: Vec<(&'static str, Vec<f64>)>,
    /// Which of the rivals answer the same question; the ratio is to the fastest of those.
    pub alike: fn(&str) -> bool,
}

impl Measure {
    /// A measure without rivals, or with those that are added to it.
    pub const fn of(unit: &'static str, decimals: usize, ours: Vec<f64>) -> Self {
        Self { unit, decimals, ours, rivals: Vec::new(), alike: |_| true }
    }

    /// The distance of the quarters over the median.
    fn spread(&self) -> f64 {
        let sorted = sorted(&self.ours);
        (sorted[sorted.len() * 3 / 4] - sorted[sorted.len() / 4]) / median(&self.ours)
    }

    /// The median of what each round gave.
    fn ratio(&self) -> Option<f64> {
        let alike = || self.rivals.iter().filter(|(name, _)| (self.alike)(name));
        let fastest = |run: usize| alike().map(|(_, s)| s[run]).reduce(f64::max);
        let rounds = self.ours.iter().enumerate();
        let ratios: Option<Vec<f64>> = rounds.map(|(run, o)| Some(o / fastest(run)?)).collect();
        ratios.map(|r| median(&r))
    }

    /// The fixed form for programs.
    pub fn json(&self, name: &str) -> String {
        let digits = |figure: f64| rounded(figure, self.decimals);
        let rivals: serde_json::Map<_, _> =
            self.rivals.iter().map(|(r, s)| ((*r).to_owned(), digits(median(s)).into())).collect();
        serde_json::json!({
            "measure": name, "unit": self.unit, "ours": digits(median(&self.ours)),
            "rivals": rivals, "ratio": self.ratio().map(|r| rounded(r, 1)),
            "runs": self.ours.len(), "spread": rounded(self.spread(), 2),
        })
        .to_string()
    }

    /// A line for people.
    pub fn line(&self, name: &str) -> String {
        let decimals = self.decimals;
        let mut line = format!("{name:<14}{:>12.decimals$} {}", median(&self.ours), self.unit);
        for (rival, theirs) in &self.rivals {
            line += &format!("   {rival} {:.1}", median(theirs));
        }
        if let Some(ratio) = self.ratio() {
            line += &format!("   {ratio:.1} times");
        }
        line + &format!("   ({} runs, spread {:.2})", self.ours.len(), self.spread())
    }
}

/// From the least to the most.
pub fn sorted(figures: &[f64]) -> Vec<f64> {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// How many of `amount` a second of the core `run` does.
pub fn rate(amount: f64, run: impl FnOnce()) -> f64 {
    let watch = Watch::start();
    run();
    amount / watch.seconds()
}

fn median(figures: &[f64]) -> f64 {
    sorted(figures)[figures.len() / 2]
}

fn rounded(figure: f64, decimals: usize) -> f64 {
    let tens = 10f64.powi(decimals as i32);
    (figure * tens).round() / tens
}
