//! Who may be reached for a purpose: the one place that lists, deltas, maps, lookups and campaigns ask, so that they agree.

use std::collections::HashMap;
use std::sync::Arc;

use rollcall_activate::consent::{self, Barred, Purpose, Waterfall};
use rollcall_engine::{Engine, Members, Uid};
use rollcall_rules::predicate::Test;
use rollcall_rules::tree::Node;
use rollcall_rules::{Catalogue, CheckedRule, FaultCode, Instant, NodeKind, References, Schema};
use rollcall_store::Build;
use serde_json::Value;

use crate::App;
use crate::config::ConsentConfig;
use crate::error::{AppError, Result};

/// Who may be reached for a purpose at an instant.
pub(crate) struct Reach {
    consenting: Members,
    suppressed: Members,
    /// For e-mail: the stored addresses of those among whom somebody is to be reached.
    addresses: Option<HashMap<Uid, Option<String>>>,
    /// For e-mail: where nobody is to be reached.
    barred: Barred,
}

impl Reach {
    /// Every step from some members to those that may be reached.
    pub(crate) fn of(&self, members: &Members) -> Waterfall {
        let address_of = self.addresses.as_ref().map(|addresses| |uid: Uid| addresses.get(&uid).cloned().flatten());
        let address_of = address_of.as_ref().map(|address_of| address_of as &dyn Fn(Uid) -> Option<String>);
        consent::waterfall(members, &self.consenting, &self.suppressed, address_of, &self.barred)
    }
}

/// What a caller got who took the list of a build while it was the latest.
pub(crate) struct Delivered {
    /// Whoever may have been on the list.
    pub possibly: Members,
    /// Whoever was on it in any case.
    pub certainly: Members,
}

impl App {
    fn consent_rule(&self, purpose: Purpose) -> Result<CheckedRule> {
        Ok(self.check_rule(&written_rule(&self.config.consent, purpose)?, None)?.0)
    }

    /// Who may be reached for a purpose now, among some users.
    pub(crate) async fn reach(&self, purpose: Purpose, among: Members) -> Result<Reach> {
        let (now, checked) = (self.now(), self.consent_rule(purpose)?);
        let suppressed = consent::suppressed_members(&self.store, &self.engine, purpose).await?;
        let barred = self.barred(purpose, &suppressed, now).await?;
        let engine = self.engine.clone();
        let address_trait = (purpose == Purpose::Email).then(|| self.config.consent.address_trait.clone());
        let reach = move || -> Result<Reach> {
            let consenting = engine.evaluate(&checked, now)?.members;
            let candidates = among.and(&consenting).and_not(&suppressed);
            let addresses = address_trait.map(|path| addresses(&engine, &candidates, &path, now));
            Ok(Reach { consenting, suppressed, addresses, barred })
        };
        tokio::task::spawn_blocking(reach).await?
    }

    /// Addresses at which nobody is to be reached: those of suppressed users at an instant, and those at which they were mailed.
    pub(crate) async fn barred(&self, purpose: Purpose, suppressed: &Members, now: Instant) -> Result<Barred> {
        if purpose != Purpose::Email || suppressed.is_empty() {
            return Ok(Barred::default());
        }
        let mailed = self.store.suppressed_addresses(purpose.as_str()).await?;
        let (engine, suppressed, path) = (self.engine.clone(), suppressed.clone(), self.config.consent.address_trait.clone());
        let barred = move || {
            let own = addresses(&engine, &suppressed, &path, now);
            Barred::of(own.values().flatten().chain(&mailed).map(String::as_str))
        };
        Ok(tokio::task::spawn_blocking(barred).await?)
    }

    /// Every step from some members to those that may be reached now.
    pub(crate) async fn drops(&self, members: &Members, purpose: Purpose) -> Result<Waterfall> {
        let reach = self.reach(purpose, members.clone()).await?;
        let members = members.clone();
        Ok(tokio::task::spawn_blocking(move || reach.of(&members)).await?)
    }

    /// Users that consent to a purpose at an instant and did not ask to be left alone.
    pub(crate) async fn consented(&self, purpose: Purpose, now: Instant) -> Result<Members> {
        let checked = self.consent_rule(purpose)?;
        let suppressed = consent::suppressed_members(&self.store, &self.engine, purpose).await?;
        let engine = self.engine.clone();
        let consenting = tokio::task::spawn_blocking(move || engine.evaluate(&checked, now)).await??.members;
        Ok(consenting.and_not(&suppressed))
    }

    /// What a caller holds who took the list of a build at any time while it was the latest. Consent and addresses of then
    /// are known of users whose traits were not updated since; of the others they are not, and of nobody if the consent
    /// rule looks at more than traits.
    pub(crate) async fn delivered(&self, build: &Build, members: Arc<Members>, purpose: Purpose) -> Result<Delivered> {
        let checked = self.consent_rule(purpose)?;
        let mut paths = Vec::new();
        if !add_traits(&checked.root, &mut paths) {
            return Ok(Delivered { possibly: members.as_ref().clone(), certainly: Members::default() });
        }
        let (instant, seq, engine) = (Instant(build.instant), build.watermark_seq, self.engine.clone());
        // Nobody stops being suppressed, so these are at least those of then.
        let suppressed = consent::suppressed_members(&self.store, &self.engine, purpose).await?;
        let barred = self.barred(purpose, &suppressed, instant).await?;
        let address_trait = (purpose == Purpose::Email).then(|| self.config.consent.address_trait.clone());
        let delivered = move || -> Result<Delivered> {
            let consenting = members.and(&engine.evaluate(&checked, instant)?.members);
            let updated = engine.updated_since(&paths, seq, instant);
            let mut certainly = consenting.and_not(&updated);
            if let Some(path) = address_trait {
                // As if all had consented: whoever keeps an address against all the others kept it then.
                let all = addresses(&engine, &members, &path, instant);
                let address_of = |uid: Uid| all.get(&uid).cloned().flatten();
                let keep = consent::waterfall(&members, &members, &Members::default(), Some(&address_of), &barred).deliverable;
                let moved = engine.updated_since(&[path], seq, instant);
                // Which addresses were barred while somebody suppressed had another one is not known.
                certainly =
                    if moved.and(&suppressed).is_empty() { certainly.and(&keep).and_not(&moved) } else { Members::default() };
            }
            Ok(Delivered { possibly: consenting.or(&members.and(&updated)), certainly })
        };
        tokio::task::spawn_blocking(delivered).await?
    }
}

fn written_rule(consent: &ConsentConfig, purpose: Purpose) -> Result<Value> {
    let rule = match purpose {
        Purpose::Ads => &consent.ads,
        Purpose::Email => &consent.email,
    };
    serde_json::from_str(rule).map_err(|error| unusable(purpose, &format!("this is not the JSON of a rule: {error}")))
}

fn unusable(purpose: Purpose, why: &str) -> AppError {
    AppError::internal(format!("setting consent.{}: {why}", purpose.as_str()))
}

/// Refuses consent rules that could never be evaluated: nobody could be reached, and only a request would show it. Types,
/// lists and segments are not looked at, as they change while the configuration does not.
pub(crate) fn check_consent_rules(consent: &ConsentConfig) -> Result<()> {
    struct Unlooked;
    impl References for Unlooked {
        fn segment_rule(&self, _: &str) -> Option<Arc<Value>> {
            None
        }
        fn list_exists(&self, _: &str) -> bool {
            true
        }
        fn catalogue_of(&self, _: &str) -> Option<Arc<Catalogue>> {
            Some(Arc::default())
        }
    }
    for purpose in [Purpose::Ads, Purpose::Email] {
        let rule = written_rule(consent, purpose)?;
        let faults = rollcall_rules::check(&rule, None, &Schema::default(), &Unlooked).err().unwrap_or_default();
        if let Some(fault) = faults.iter().find(|fault| fault.code != FaultCode::UnknownSegment) {
            return Err(unusable(purpose, format!("{} {}", fault.pointer, fault.detail).trim()));
        }
    }
    Ok(())
}

fn addresses(engine: &Engine, members: &Members, path: &str, now: Instant) -> HashMap<Uid, Option<String>> {
    consent::stored_addresses(engine, members, path, now).collect()
}

/// Adds the traits that a rule looks at; false if its members depend on anything else, be it the passing of time.
fn add_traits(node: &Node, paths: &mut Vec<String>) -> bool {
    match &node.kind {
        NodeKind::All(children) | NodeKind::Any(children) => children.iter().all(|child| add_traits(child, paths)),
        NodeKind::Not(child) => add_traits(child, paths),
        NodeKind::Everyone => true,
        NodeKind::Trait(leaf) => {
            paths.push(leaf.path.clone());
            leaf.predicate.tests.iter().all(|(_, test)| !matches!(test, Test::Time(_)))
        }
        // An attribute also changes with its catalogue.
        _ => false,
    }
}
