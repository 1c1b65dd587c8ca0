//! What the operator has to be told: an error, a softphone that is not there.

use leptos::prelude::*;
use protocol::{ConnectionStatus, PhoneStatus};

use super::icon::{ALERT, CLOSE, icon};
use super::live::{click, fact, live, maybe, when};
use crate::focus;
use crate::i18n::Texts;
use crate::ui::Ui;

/// The part `error`, while there is one.
pub(crate) fn error(ui: Ui, t: &'static Texts) -> AnyView {
    live(move || {
        let text = ui
            .dispatch
            .error
            .with(|failure| failure.as_ref().map(|failure| t.failure(&failure.code, failure.of_number)));
        maybe(text.map(|text| {
            let dismiss = click(move || {
                ui.dispatch.error.set(None);
                focus::hand_over(ui, ".idle [part=number]");
            });
            view! {
                <div part="error" class="notice error" role="alert">
                    {icon(ALERT)}
                    <span class="words">{text}</span>
                    <button type="button" class="button row" aria-label=t.dismiss title=t.dismiss on:click=dismiss>
                        <span class="disc">{icon(CLOSE)}</span>
                    </button>
                </div>
            }
            .into_any()
        }))
    })
}

/// Says that the softphone does not run; while the connection is down nobody knows.
pub(crate) fn phone_missing(ui: Ui, t: &'static Texts) -> AnyView {
    let missing = fact(move || {
        ui.store.connection.get() == ConnectionStatus::Connected && ui.store.phone.get() == PhoneStatus::Unavailable
    });
    when(missing, move || {
        view! {
            <div class="notice warning">
                {icon(ALERT)}
                <span class="words"><b>{t.phone_missing}</b>{t.phone_missing_hint}</span>
            </div>
        }
        .into_any()
    })
}
