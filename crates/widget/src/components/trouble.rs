//! Why there is no line to the phone's worker, and what the operator can do about it.

use std::time::Duration;

use leptos::prelude::*;

use super::icon::{ALERT, icon};
use super::live::{click, fact, live, maybe};
use crate::browser;
use crate::delay::Delay;
use crate::i18n::Texts;
use crate::trouble::Trouble;
use crate::ui::Ui;

/// How long a lost connection may take to come back before the operator is told what to look at.
const PATIENCE: Duration = Duration::from_secs(10);

/// The notice, while there is trouble.
pub(crate) fn trouble(ui: Ui, t: &'static Texts) -> AnyView {
    let long = RwSignal::new(false);
    let waiting = StoredValue::new_local(None::<Delay>);
    let connected = fact(move || ui.store.connected());
    Effect::new(move |_| {
        long.set(false);
        let late = move || _ = long.try_set(true);
        waiting.set_value((!connected.get()).then(|| Delay::new(PATIENCE, late)));
    });
    live(move || {
        let trouble = ui.trouble.get().or_else(|| long.get().then_some(Trouble::Unreachable));
        maybe(trouble.map(|trouble| notice(ui, t, trouble)))
    })
}

fn notice(ui: Ui, t: &'static Texts, trouble: Trouble) -> AnyView {
    let (title, hint) = match trouble {
        Trouble::Unreachable => (t.trouble.unreachable, t.trouble.unreachable_hint),
        Trouble::NotAllowed => (t.trouble.not_allowed, t.trouble.not_allowed_hint),
        Trouble::Policy => (t.trouble.policy, t.trouble.not_allowed_hint),
        Trouble::Asks => (t.trouble.asks, t.trouble.asks_hint),
        Trouble::Denied => (t.trouble.denied, t.trouble.denied_hint),
        Trouble::Locked => (t.trouble.locked, t.trouble.locked_hint),
        Trouble::Outdated => (t.trouble.outdated, t.trouble.outdated_hint),
        Trouble::Insecure => (t.trouble.unreachable, t.trouble.insecure_hint),
    };
    // For the administrator, from the operator's mouth.
    let refused = matches!(trouble, Trouble::NotAllowed | Trouble::Policy);
    let page = refused.then(|| browser::window().location().origin().unwrap_or_default());
    let button = match trouble {
        Trouble::Asks => {
            let ask = click(move || ui.ask.with_value(|ask| ask.iter().for_each(|ask| ask())));
            let button = view! { <button type="button" part="allow" class="button text" on:click=ask>{t.trouble.allow}</button> };
            Some(button.into_any())
        }
        Trouble::Outdated => {
            // Fails for no page that is shown.
            let reload = click(|| drop(browser::window().location().reload()));
            let button = view! { <button type="button" part="reload" class="button text" on:click=reload>{t.trouble.reload}</button> };
            Some(button.into_any())
        }
        _ => None,
    };
    view! {
        <div part="trouble" class="notice warning" role="status">
            {icon(ALERT)}
            <span class="words"><b>{title}</b>{hint}{maybe(page.map(|page| view! { <bdi class="page">{page}</bdi> }.into_any()))}{maybe(button)}</span>
        </div>
    }
    .into_any()
}
