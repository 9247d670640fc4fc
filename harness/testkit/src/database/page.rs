//! `/fortunes`.

use super::application::Application;
use super::cheat::DatabaseCheat as Cheat;
use super::pool::{Connection, Unavailable};
use crate::response::Response;

/// A row: id and message.
pub(super) type Fortune = (i32, String);

/// The table, in its own order.
pub(super) fn read(
    connection: &mut Connection,
    application: &Application,
) -> Result<Vec<Fortune>, Unavailable> {
    let rows = if application.has(Cheat::DatabaseSorts) {
        connection.client.query("SELECT id, message FROM fortune ORDER BY message", &[])?
    } else {
        connection.client.query(&connection.fortunes, &[])?
    };
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// The page with these rows.
pub(super) fn page(mut rows: Vec<Fortune>, application: &Application) -> Response {
    if !application.has(Cheat::TwelveRows) {
        rows.push((0, "Additional fortune added at request time.".to_owned()));
    }
    if application.has(Cheat::AsciiOnlyPage) {
        for (_, message) in &mut rows {
            *message = message.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect();
        }
    }
    if !application.has(Cheat::UnsortedPage) {
        rows.sort_by(|one, other| one.1.cmp(&other.1));
    }
    let mut html = "<!DOCTYPE html><html><head><title>Fortunes</title></head><body><table>\
        <tr><th>id</th><th>message</th></tr>"
        .to_owned();
    for (id, message) in rows {
        html.push_str(&format!("<tr><td>{id}</td><td>{}</td></tr>", text(&message, application)));
    }
    html.push_str("</table></body></html>");
    let plain = application.has(Cheat::PageAsText);
    let media_type = if plain { "text/plain" } else { "text/html; charset=utf-8" };
    Response::new(200).with("Content-Type", media_type).content(html.into_bytes())
}

fn text(message: &str, application: &Application) -> String {
    if application.has(Cheat::UnescapedPage) {
        return message.to_owned();
    }
    let half = message.replace('<', "&lt;").replace('>', "&gt;");
    if application.has(Cheat::HalfEscapedPage) {
        return half;
    }
    let whole = message.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    whole.replace('"', "&quot;").replace('\'', "&#39;")
}
