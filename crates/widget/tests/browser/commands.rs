//! What clicks send, and what comes of the worker's answers.

use protocol::{Call, CallState, Direction, GlobalState, OperatorStatus};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlSelectElement;

use crate::page::{Page, call, get, idle, object, with};

#[wasm_bindgen_test]
async fn it_introduces_itself() {
    let page = Page::silent().await;
    let init = page.sent("INIT_PORT").await;
    assert_eq!(get(&init, "protocol"), JsValue::from(1));
    assert!(get(&init, "lock").is_string());
}

#[wasm_bindgen_test]
async fn what_is_asked_for_at_once_comes_after_the_introduction() {
    let page = Page::silent().await;
    let _ = page.handle.command("CMD_DIAL", &object(&[("phone", "204".into())]));
    page.sent("CMD_DIAL").await;
    assert_eq!(page.kinds(), ["INIT_PORT", "CMD_DIAL"]);
}

/// A click on this part, in this state, sends this command about this call.
async fn sends(state: &GlobalState, part: &str, kind: &str, call: &str) -> JsValue {
    let page = Page::showing(state).await;
    page.click(part);
    let payload = page.sent(kind).await;
    assert_eq!(get(&payload, "callId").as_string().unwrap(), call);
    assert!(get(&payload, "requestId").is_string());
    assert_eq!(get(&payload, "ack"), JsValue::TRUE);
    payload
}

#[wasm_bindgen_test]
async fn buttons_send_their_commands() {
    let ringing = with(call("a", CallState::Incoming));
    sends(&ringing, "answer", "CMD_ANSWER", "a").await;
    sends(&ringing, "reject", "CMD_HANGUP", "a").await;
    let talking = with(call("a", CallState::Talking));
    sends(&talking, "hangup", "CMD_HANGUP", "a").await;
    assert_eq!(get(&sends(&talking, "mute", "CMD_MUTE", "a").await, "on"), JsValue::TRUE);
    assert_eq!(get(&sends(&talking, "hold", "CMD_HOLD", "a").await, "on"), JsValue::TRUE);
    let parked = with(Call { held: true, muted: true, ..call("a", CallState::Talking) });
    assert_eq!(get(&sends(&parked, "mute", "CMD_MUTE", "a").await, "on"), JsValue::FALSE);
    assert_eq!(get(&sends(&parked, "hold", "CMD_HOLD", "a").await, "on"), JsValue::FALSE);
    let second = GlobalState { other_calls: vec![call("b", CallState::Incoming)], ..talking };
    sends(&second, "answer", "CMD_ANSWER", "b").await;
    sends(&second, "reject", "CMD_HANGUP", "b").await;
    sends(&second, "hangup", "CMD_HANGUP", "a").await;
}

#[wasm_bindgen_test]
async fn keys_type_a_number_and_dial_normalises_it() {
    let page = Page::showing(&idle()).await;
    for key in ["1", "0", "*", "#"] {
        page.find(&format!("[data-key='{key}']")).unwrap().click();
    }
    page.until("typed", || {
        page.part("number").unwrap().unchecked_into::<web_sys::HtmlInputElement>().value() == "10*#"
    })
    .await;
    page.fill("number", "+7 (495) 123-45-67");
    page.click("dial");
    assert_eq!(get(&page.sent("CMD_DIAL").await, "phone"), JsValue::from("+74951234567"));
    assert_eq!(page.attribute("data-call").unwrap(), "idle");
    page.until("busy", || page.part("dial").unwrap().get_attribute("aria-busy").is_some()).await;
    page.click("dial");
    page.accept();
    page.until("done", || page.part("dial").unwrap().get_attribute("aria-busy").is_none()).await;
    assert_eq!(page.count("CMD_DIAL"), 1);
}

#[wasm_bindgen_test]
async fn a_dial_whose_call_is_there_stands_in_the_way_of_no_other() {
    let page = Page::showing(&idle()).await;
    page.fill("number", "205");
    page.click("dial");
    page.sent("CMD_DIAL").await;
    let dialled = Call { direction: Direction::Out, phone_number: "205".into(), ..call("a", CallState::Dialing) };
    page.sync(&with(dialled)).await;
    // It was hung up before its answer came, if it comes at all.
    page.sync(&idle()).await;
    let typed = page.part("number").unwrap().unchecked_into::<web_sys::HtmlInputElement>().value();
    assert_eq!(typed, "", "what was dialled is still in the field");
    page.fill("number", "206");
    page.click("dial");
    page.until("another dial", || page.count("CMD_DIAL") == 2).await;
    page.until("no error", || page.part("error").is_none()).await;
}

#[wasm_bindgen_test]
async fn a_call_to_another_number_is_no_answer() {
    let page = Page::showing(&idle()).await;
    page.fill("number", "205");
    page.click("dial");
    page.sent("CMD_DIAL").await;
    let other = Call { direction: Direction::Out, phone_number: "300".into(), ..call("a", CallState::Dialing) };
    page.sync(&with(other)).await;
    page.refuse("call_already_active");
    page.until("the error", || page.part("error").is_some()).await;
}

#[wasm_bindgen_test]
async fn a_long_press_of_0_gives_a_plus() {
    let page = Page::showing(&idle()).await;
    let zero = page.find("[data-key='0']").unwrap();
    let typed = || page.part("number").unwrap().unchecked_into::<web_sys::HtmlInputElement>().value();
    let press = js_sys::Function::new_with_args(
        "on",
        "on.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, cancelable: true, button: 0 }));",
    );
    press.call1(&JsValue::NULL, &zero).unwrap();
    page.until("held long enough", || typed() == "+").await;
    zero.click();
    press.call1(&JsValue::NULL, &zero).unwrap();
    zero.click();
    page.until("a short press", || typed() == "+0").await;
}

#[wasm_bindgen_test]
async fn a_number_is_pasted_as_people_write_it() {
    let page = Page::showing(&idle()).await;
    let field = page.part("number").unwrap();
    field.focus().unwrap();
    // What the browser does with a paste, input event and all.
    let paste = js_sys::Function::new_with_args("text", "return document.execCommand('insertText', false, text);");
    assert!(paste.call1(&JsValue::NULL, &"\u{a0}8 (495)\u{a0}123‑45‑67 ".into()).unwrap().is_truthy());
    page.click("dial");
    assert_eq!(get(&page.sent("CMD_DIAL").await, "phone"), JsValue::from("84951234567"));
}

#[wasm_bindgen_test]
async fn an_impossible_number_is_refused_here() {
    let page = Page::showing(&idle()).await;
    page.fill("number", "12;rm");
    page.click("dial");
    page.until("the error", || page.part("error").is_some()).await;
    assert_eq!(page.count("CMD_DIAL"), 0);
    assert!(page.text("error").contains("can't be dialled"));
    page.fill("number", "12");
    page.click("dial");
    page.sent("CMD_DIAL").await;
    page.refuse("call_already_active");
    page.until("another error", || page.text("error").contains("Finish the current call")).await;
    page.click("dial");
    page.until("sent again", || page.count("CMD_DIAL") == 2).await;
    page.refuse("validation_error");
    page.until("of the number", || page.text("error").contains("can't be dialled")).await;
    let tones = page.handle.command("CMD_DTMF", &object(&[("callId", "a".into()), ("digits", "x".into())]));
    JsFuture::from(tones).await.unwrap_err();
    page.until("of something else", || page.text("error").contains("did not accept")).await;
}

#[wasm_bindgen_test]
async fn a_click_changes_nothing_but_its_button() {
    let page = Page::showing(&with(call("a", CallState::Talking))).await;
    page.click("mute");
    page.sent("CMD_MUTE").await;
    page.until("busy", || page.part("mute").unwrap().get_attribute("aria-busy").is_some()).await;
    assert_eq!(page.part("mute").unwrap().get_attribute("aria-pressed").unwrap(), "false");
    assert!(page.attribute("data-muted").is_none());
    page.accept();
    page.until("free", || page.part("mute").unwrap().get_attribute("aria-busy").is_none()).await;
    assert_eq!(page.part("mute").unwrap().get_attribute("aria-pressed").unwrap(), "false");
    page.sync(&with(Call { muted: true, ..call("a", CallState::Talking) })).await;
    assert_eq!(page.part("mute").unwrap().get_attribute("aria-pressed").unwrap(), "true");
    assert!(page.attribute("data-muted").is_some());
}

#[wasm_bindgen_test]
async fn a_failure_is_shown_told_and_cleared_by_the_next_success() {
    let page = Page::showing(&with(call("a", CallState::Talking))).await;
    page.click("hold");
    page.sent("CMD_HOLD").await;
    page.refuse("invalid_state");
    page.until("the error", || page.part("error").is_some()).await;
    assert!(page.text("error").contains("right now"));
    assert_eq!(page.part("error").unwrap().get_attribute("role").unwrap(), "alert");
    assert_eq!(get(&page.told("sip-phone-error")[0], "code"), JsValue::from("invalid_state"));
    page.click("mute");
    page.sent("CMD_MUTE").await;
    page.accept();
    page.until("no error", || page.part("error").is_none()).await;
    page.say("ERROR", &object(&[("error", "worker_failed".into()), ("message", "no".into())]));
    page.until("the fault", || page.part("error").is_some()).await;
    page.find("[part=error] button").unwrap().click();
    page.until("dismissed", || page.part("error").is_none()).await;
}

#[wasm_bindgen_test]
async fn the_status_goes_back_to_the_truth() {
    let page = Page::showing(&idle()).await;
    let select: HtmlSelectElement = page.part("status").unwrap().unchecked_into();
    assert_eq!(select.value(), "ready");
    let choose = |value: &str| {
        select.set_value(value);
        select.dispatch_event(&web_sys::Event::new("change").unwrap()).unwrap();
    };
    choose("lunch");
    assert_eq!(get(&page.sent("CMD_STATUS").await, "status"), JsValue::from("lunch"));
    assert_eq!(page.attribute("data-operator").unwrap(), "ready");
    page.refuse("phone_unavailable");
    page.until("back", || select.value() == "ready").await;
    choose("dnd");
    page.until("sent", || page.count("CMD_STATUS") == 2).await;
    page.accept();
    page.sync(&GlobalState { operator_status: OperatorStatus::Dnd, ..idle() }).await;
    assert_eq!(select.value(), "dnd");
    page.sync(&GlobalState { operator_status: OperatorStatus::Offline, ..idle() }).await;
    assert_eq!(select.value(), "offline");
}

#[wasm_bindgen_test]
async fn tones_go_out_in_order_one_request_at_a_time() {
    let page = Page::showing(&with(call("a", CallState::Talking))).await;
    page.click("dtmf");
    page.until("the pad", || page.part("keypad").is_some()).await;
    for key in ["1", "2", "#"] {
        page.find(&format!("[data-key='{key}']")).unwrap().click();
    }
    assert_eq!(get(&page.sent("CMD_DTMF").await, "digits"), JsValue::from("1"));
    assert_eq!(page.count("CMD_DTMF"), 1);
    page.accept();
    page.until("the rest", || page.count("CMD_DTMF") == 2).await;
    assert_eq!(get(&page.sent("CMD_DTMF").await, "digits"), JsValue::from("2#"));
}

#[wasm_bindgen_test]
async fn a_transfer_asks_for_a_number() {
    let page = Page::showing(&with(call("a", CallState::Talking))).await;
    page.click("transfer");
    page.until("the field", || page.part("number").is_some()).await;
    page.fill("number", "20-4");
    page.find(".transfer-form [type=submit]").unwrap().click();
    let payload = page.sent("CMD_TRANSFER").await;
    assert_eq!(get(&payload, "phone"), JsValue::from("204"));
    page.refuse("call_termination_failed");
    page.until("the error", || page.part("error").is_some()).await;
    assert!(page.part("number").is_some());
}

#[wasm_bindgen_test]
async fn methods_settle_with_the_answer() {
    let page = Page::showing(&with(call("a", CallState::Talking))).await;
    let promise = page.handle.command("CMD_MUTE", &object(&[("on", JsValue::TRUE)]));
    assert_eq!(get(&page.sent("CMD_MUTE").await, "callId"), JsValue::from("a"));
    page.accept();
    JsFuture::from(promise).await.unwrap();
    let promise = page.handle.command("CMD_ANSWER", &object(&[("callId", "zzz".into())]));
    page.sent("CMD_ANSWER").await;
    page.refuse("call_not_found");
    let error = JsFuture::from(promise).await.unwrap_err();
    assert!(error.is_instance_of::<js_sys::Error>());
    assert_eq!(get(&error, "code"), JsValue::from("call_not_found"));
    let error = JsFuture::from(page.handle.command("CMD_DIAL", &object(&[("phone", "x".into())]))).await.unwrap_err();
    assert_eq!(get(&error, "code"), JsValue::from("validation_error"));
    for state in [CallState::Incoming, CallState::Dialing] {
        page.sync(&with(call("b", state))).await;
        let before = page.count("CMD_HOLD");
        let promise = page.handle.command("CMD_HOLD", &object(&[("on", JsValue::TRUE)]));
        page.until("sent all the same", || page.count("CMD_HOLD") > before).await;
        assert_eq!(get(&page.sent("CMD_HOLD").await, "callId"), JsValue::from("b"));
        page.refuse("invalid_state");
        let error = JsFuture::from(promise).await.unwrap_err();
        assert_eq!(get(&error, "code"), JsValue::from("invalid_state"));
    }
    page.sync(&idle()).await;
    let error = JsFuture::from(page.handle.command("CMD_HOLD", &object(&[("on", JsValue::TRUE)]))).await.unwrap_err();
    assert_eq!(get(&error, "code"), JsValue::from("call_not_found"));
}

#[wasm_bindgen_test]
async fn tel_links_dial_unless_they_say_no() {
    let page = Page::showing(&idle()).await;
    let document = web_sys::window().unwrap().document().unwrap();
    let links = document.create_element("div").unwrap();
    // A listener that comes later keeps the browser from following what the widget leaves alone.
    let stay = Closure::<dyn FnMut(web_sys::Event)>::new(|event: web_sys::Event| event.prevent_default());
    let window = web_sys::window().unwrap();
    window.add_event_listener_with_callback("click", stay.as_ref().unchecked_ref()).unwrap();
    links.set_inner_html("<a id=one href='tel:+7-495-1'><b>call</b></a><p data-no-dial><a id=two href='tel:2'>no</a></p><a id=three href='sip:bob@example.com;transport=tcp'>s</a>");
    document.body().unwrap().append_child(&links).unwrap();
    let click = |selector: &str| {
        links.query_selector(selector).unwrap().unwrap().unchecked_into::<web_sys::HtmlElement>().click();
    };
    click("#two");
    click("#one b");
    assert_eq!(get(&page.sent("CMD_DIAL").await, "phone"), JsValue::from("+74951"));
    assert_eq!(page.count("CMD_DIAL"), 1);
    page.accept();
    page.until("answered", || page.part("dial").unwrap().get_attribute("aria-busy").is_none()).await;
    click("#three");
    page.until("the second", || page.count("CMD_DIAL") == 2).await;
    assert_eq!(get(&page.sent("CMD_DIAL").await, "phone"), JsValue::from("sip:bob@example.com"));
    page.accept();
    page.until("answered", || page.part("dial").unwrap().get_attribute("aria-busy").is_none()).await;
    // An icon that is an element of its own, and a phone number within one that wants none dialled.
    for (html, dials) in [("<a href='tel:4'><i></i></a>", true), ("<p data-no-dial><i></i></p>", false)] {
        links.set_inner_html(html);
        let inner = links.query_selector("i").unwrap().unwrap().parent_element().unwrap();
        let span = document.create_element("span").unwrap();
        inner.append_child(&span).unwrap();
        let shadow = span.attach_shadow(&web_sys::ShadowRootInit::new(web_sys::ShadowRootMode::Open)).unwrap();
        shadow.set_inner_html(if dials { "<b>icon</b>" } else { "<a href='tel:5'><b>no</b></a>" });
        let target: web_sys::HtmlElement = shadow.query_selector("b").unwrap().unwrap().unchecked_into();
        target.click();
    }
    page.until("the third", || page.count("CMD_DIAL") == 3).await;
    assert_eq!(get(&page.sent("CMD_DIAL").await, "phone"), JsValue::from("4"));
    window.remove_event_listener_with_callback("click", stay.as_ref().unchecked_ref()).unwrap();
    links.remove();
}
