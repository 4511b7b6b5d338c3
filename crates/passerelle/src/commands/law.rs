//! `passerelle law`: what the law packs say.

use anyhow::Result;
use policy::Regime;

use crate::cli::OrWrongUse;

/// `passerelle law`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  passerelle law eu_pnr")]
pub struct LawArgs {
    /// A pack; all of them when absent.
    pub pack: Option<String>,
}

/// Runs it.
pub fn run(args: LawArgs) -> Result<()> {
    let packs = match args.pack {
        Some(name) => vec![Regime::named(&name).or_wrong_use()?],
        None => Regime::all(),
    };
    for pack in packs {
        println!("{}  {}", pack.name, pack.title);
        let (keep, rule) = pack.keep();
        println!("  keep      {keep} ({rule})");
        match pack.mask() {
            Some((mask, rule)) => println!("  mask      after {mask} ({rule})"),
            None => println!("  mask      not demanded"),
        }
        let purposes: Vec<_> = pack.purposes().iter().map(|p| p.name()).collect();
        println!("  purposes  {}", purposes.join(", "));
        println!("  elements  {}", pack.elements());
        for rule in pack.rules() {
            println!("    {rule}  {}", rule.sentence());
        }
        println!();
    }
    Ok(())
}
