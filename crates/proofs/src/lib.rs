//! Proofs about agreements, by Cedar and an SMT solver (cvc5): that documents lie inside the
//! law of both parties, and that a version is not wider than the last.
//!
//! `policy::cedar` writes agreements and law as Cedar; Cedar's compiler, itself proved in
//! Lean, makes formulas of them; the solver shows that no request at all is allowed by the one
//! and not by the other, or gives one. Such a counterexample is made as plain as it can be
//! while it still is one, and said in words ([`policy::Case`]).
//!
//! Without the feature `cedar` there is nothing here: Cedar is dear to build.
#![cfg(feature = "cedar")]
#![warn(missing_docs)]

mod plain;
mod question;
mod request;

use std::ffi::{OsStr, OsString};

use anyhow::{Context as _, Result, anyhow};
use cedar_policy::{PolicySet, RequestEnv, Schema};
use cedar_policy_symcc::{CedarSymCompiler, CompiledPolicySet, solver::LocalSolver};
use policy::{Agreement, Case, cedar};

pub use question::{Laws, Question};
pub use request::Asked;

/// The solver's name, looked for on the path.
pub const SOLVER: &str = "cvc5";
/// How long the solver may think about one question, in milliseconds.
const LIMIT: &str = "--tlimit-per=60000";

/// Cedar's vocabulary, and the kind of request that all questions are about.
pub struct Vocabulary {
    pub(crate) schema: Schema,
    env: RequestEnv,
}

impl Vocabulary {
    /// Reads the schema of `policy::cedar`.
    ///
    /// # Errors
    /// Cedar does not read it.
    pub fn new() -> Result<Self> {
        let (schema, warnings) = Schema::from_cedarschema_str(&cedar::schema())?;
        debug_assert_eq!(warnings.count(), 0, "the schema is not clean");
        let env = schema.request_envs().next().context("the schema knows no request")?;
        Ok(Self { schema, env })
    }

    /// Reads policies.
    ///
    /// # Errors
    /// Cedar does not read them.
    pub fn read(&self, text: &str) -> Result<PolicySet> {
        text.parse().map_err(|e| anyhow!("Cedar does not read what was written for it: {e}"))
    }

    fn compile(&self, set: &PolicySet) -> Result<CompiledPolicySet> {
        CompiledPolicySet::compile(set, &self.env, &self.schema)
            .map_err(|e| anyhow!("Cedar does not compile what was written for it: {e}"))
    }
}

/// What asks a solver.
pub struct Prover {
    vocabulary: Vocabulary,
    solver: OsString,
}

impl Prover {
    /// Makes sure that the solver is there.
    ///
    /// # Errors
    /// There is no such program.
    pub fn new(solver: &OsStr) -> Result<Self> {
        let prover = Self { vocabulary: Vocabulary::new()?, solver: solver.to_owned() };
        prover.started().map(drop)?;
        Ok(prover)
    }

    /// A solver of its own for each question: one that has answered others is slower.
    fn started(&self) -> Result<CedarSymCompiler<LocalSolver>> {
        let mut command = tokio::process::Command::new(&self.solver);
        command.args(["--lang", "smt", LIMIT]).kill_on_drop(true);
        let solver = LocalSolver::from_command(&mut command)
            .map_err(|e| anyhow!("{}: {e}", self.solver.display()))?;
        CedarSymCompiler::new(solver).map_err(|e| anyhow!("the solver: {e}"))
    }

    /// A case that the agreement allows and the law of its two parties does not, if there is
    /// any.
    ///
    /// # Errors
    /// The solver failed, or found no answer in time.
    pub async fn outside(&self, agreement: &Agreement, laws: &Laws) -> Result<Option<Case>> {
        self.ask(&Question::inside(agreement, laws)).await
    }

    /// A case that `new` allows and `old` did not, if there is any.
    ///
    /// # Errors
    /// The solver failed, or found no answer in time.
    pub async fn wider(&self, old: &Agreement, new: &Agreement) -> Result<Option<Case>> {
        self.ask(&Question::not_wider(old, new)).await
    }

    /// The plainest case that answers the question with no, if there is any.
    ///
    /// # Errors
    /// The solver failed, or found no answer in time.
    pub async fn ask(&self, question: &Question) -> Result<Option<Case>> {
        let these = self.vocabulary.read(&question.these)?;
        let compiled = self.vocabulary.compile(&these)?;
        let in_short = self.vocabulary.read(&question.those_in_short)?;
        let in_short = self.vocabulary.compile(&in_short)?;
        let mut solver = self.started()?;
        let found = solver.check_implies_with_counterexample_opt(&compiled, &in_short).await;
        let Some(env) = found.map_err(|e| anyhow!("the solver: {e}"))? else { return Ok(None) };
        let those = self.vocabulary.read(&question.those)?;
        plain::plainest(&self.vocabulary, &env.request, (&these, &those), &question.days).map(Some)
    }
}
