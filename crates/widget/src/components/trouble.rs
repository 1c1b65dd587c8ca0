//! Why there is no line to the phone's worker, and what the operator can do about it.

use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

use super::icon::{ALERT, icon};
use super::live::{click, fact, live, maybe};
use crate::browser;
use crate::i18n::Texts;
use crate::trouble::Trouble;
use crate::ui::Ui;

/// How long a lost connection may take to come back before the operator is told what to look at.
const PATIENCE: Duration = Duration::from_secs(10);

/// The notice, while there is trouble.
pub(crate) fn trouble(ui: Ui, t: &'static Texts) -> AnyView {
    let long = RwSignal::new(false);
    let waiting = StoredValue::new_local(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(Some(handle)) = waiting.try_update_value(Option::take) {
            handle.clear();
        }
    };
    let connected = fact(move || ui.store.connected());
    Effect::new(move |_| {
        stop();
        long.set(false);
        if !connected.get() {
            let late = move || _ = long.try_set(true);
            waiting.set_value(set_timeout_with_handle(late, PATIENCE).ok());
        }
    });
    on_cleanup(stop);
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
        Trouble::Insecure => (t.trouble.unreachable, t.trouble.insecure_hint),
    };
    // For the administrator, from the operator's mouth.
    let page = trouble.is_settled().then(|| browser::window().location().origin().unwrap_or_default());
    let ask = click(move || ui.ask.with_value(|ask| ask.iter().for_each(|ask| ask())));
    let button = matches!(trouble, Trouble::Asks).then(|| {
        view! { <button type="button" part="allow" class="button text" on:click=ask>{t.trouble.allow}</button> }
            .into_any()
    });
    view! {
        <div part="trouble" class="notice warning" role="status">
            {icon(ALERT)}
            <span class="words"><b>{title}</b>{hint}{maybe(page.map(|page| view! { <bdi class="page">{page}</bdi> }.into_any()))}{maybe(button)}</span>
        </div>
    }
    .into_any()
}
