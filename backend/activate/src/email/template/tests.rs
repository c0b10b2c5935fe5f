use rollcall_rules::{Day, Instant, Value};

use super::*;

const URL: &str = "https://rollcall.example/u/abc?x=1&y=2";

fn person(traits: &[(&str, Value)]) -> Person {
    Person { user_id: "u16".to_owned(), traits: traits.iter().map(|(path, value)| ((*path).to_owned(), value.clone())).collect() }
}

fn text(value: &str) -> Value {
    Value::String(value.to_owned())
}

fn html(body: &str, person: &Person) -> Rendered {
    EmailTemplate::new("Hi", BodyFormat::Html, body).unwrap().render(person, URL).unwrap()
}

fn faults(subject: &str, format: BodyFormat, body: &str) -> Vec<TemplateFault> {
    EmailTemplate::new(subject, format, body).unwrap_err()
}

#[test]
fn values_of_every_type() {
    let person = person(&[
        ("age", Value::Number(26.0)),
        ("score", Value::Number(1.5)),
        ("vip", Value::Boolean(true)),
        ("born", Value::Date(Day(10_957))),
        ("seen", Value::DateTime(Instant(1_000_000))),
        ("genres", Value::StringList(vec!["Drama".into(), "Crime".into()])),
        ("home", Value::Object(r#"{"city":"Paris","geo":{"lat":1},"none":null}"#.to_owned())),
    ]);
    let body = "{{ user_id }} {{ traits.age }} {{ traits.score }} {{ traits.vip }} {{ traits.born }} {{ traits.seen }} \
                {{ traits.genres | join('+') }} {{ traits.home.city }} {{ traits.home.geo.lat }}";
    let rendered = html(body, &person);
    assert_eq!(rendered.html, "u16 26 1.5 True 2000-01-01 1970-01-01T00:00:01Z Drama+Crime Paris 1");
    assert_eq!((rendered.missing, rendered.warnings), (Vec::<String>::new(), Vec::<String>::new()));
}

#[test]
fn what_is_missing_is_empty_and_named_unless_it_has_a_default() {
    let rendered =
        html(r#"{{ traits.first_name | default("there") }}|{{ traits.city }}|{{ traits.home.street }}|"#, &person(&[]));
    assert_eq!(rendered.html, "there|||");
    assert_eq!(rendered.missing, ["traits.city", "traits.home"]);
}

#[test]
fn values_become_neither_markup_nor_code() {
    let person = person(&[("name", text("<b>\"'&{{ user_id }}</b>")), ("url", text("\" onload=\"x"))]);
    let rendered = html("<p title=\"{{ traits.url }}\">{{ traits.name }}</p>", &person);
    assert!(
        !rendered.html.contains("<b>") && !rendered.html.contains("onload=\"") && rendered.html.contains("{{ user_id }}"),
        "{}",
        rendered.html
    );
    assert!(rendered.text.contains("<b>\"'&{{ user_id }}</b>"), "{}", rendered.text);
    let mjml =
        "<mjml><mj-body><mj-section><mj-column><mj-text>{{ traits.name }}</mj-text></mj-column></mj-section></mj-body></mjml>";
    let value = text("</mj-text><mj-raw><script>x</script></mj-raw>");
    let rendered =
        EmailTemplate::new("S", BodyFormat::Mjml, mjml).unwrap().render(&self::person(&[("name", value)]), URL).unwrap();
    assert!(!rendered.html.contains("<script>") && !rendered.html.contains("<mj-"), "{}", rendered.html);
}

#[test]
fn the_link_to_unsubscribe_arrives_whole() {
    let template = EmailTemplate::new("S", BodyFormat::Html, "<a href=\"{{ unsubscribe_url }}\">Stop</a>").unwrap();
    assert!(template.links_out());
    let rendered = template.render(&person(&[]), "https://rollcall.example/u/a-b_c").unwrap();
    assert_eq!(rendered.html, "<a href=\"https://rollcall.example/u/a-b_c\">Stop</a>");
    assert!(html("{{ unsubscribe_url }}", &person(&[])).html.contains("?x=1&amp;y=2"));
    for (body, shown) in [
        ("<p>", false),
        ("<!-- {{ unsubscribe_url }} -->", false),
        ("{# unsubscribe_url #}", false),
        ("{% if traits.vip %}{{ unsubscribe_url }}{% endif %}", false),
        ("Stop: {{ unsubscribe_url }}", true),
    ] {
        assert_eq!(EmailTemplate::new("Dear {{ traits.name }}", BodyFormat::Html, body).unwrap().links_out(), shown, "{body}");
    }
}

#[test]
fn a_subject_is_one_line_whatever_a_trait_holds() {
    let template = EmailTemplate::new("Hello {{ traits.name }} & {{ user_id }}", BodyFormat::Html, "x").unwrap();
    let rendered = template.render(&person(&[("name", text("A\r\nBcc: all@example.org\t<b>"))]), URL).unwrap();
    assert_eq!(rendered.subject, "Hello A Bcc: all@example.org <b> & u16");
    assert_eq!(faults("two\nlines", BodyFormat::Html, "x")[0].message, "The subject is more than one line.");
    assert_eq!(faults(" ", BodyFormat::Html, "x").len(), 1);
    assert!(EmailTemplate::new("{{ traits.name }}", BodyFormat::Html, "x").unwrap().render(&person(&[]), URL).is_err());
}

#[test]
fn faults_say_what_and_where() {
    let open = faults("S", BodyFormat::Html, "line one\n{{ open");
    assert_eq!((open.len(), open[0].line), (1, Some(2)), "{open:?}");
    let unknown = faults("{{ first_name }}", BodyFormat::Html, "{{ nobody.knows }} {{ range(3) }} {{ traits.x }}");
    assert_eq!(unknown.len(), 2, "{unknown:?}");
    assert!(unknown[0].message.contains("traits.first_name") && unknown[1].message.contains("nobody"));
    assert!(faults("S", BodyFormat::Mjml, "<mjml><mj-body>{{ open").len() == 1);
    let broken = faults("S", BodyFormat::Mjml, "<mjml><mj-body><mj-section></mj-body></mjml>");
    assert!(broken[0].message.starts_with("The body is not MJML"), "{broken:?}");
    assert!(!faults("S", BodyFormat::Html, "{% include 'other' %}{{ x }}").is_empty());
}

#[test]
fn nothing_can_be_included() {
    let template = EmailTemplate::new("S", BodyFormat::Html, "{% include 'other.html' %}").unwrap();
    assert!(template.render(&person(&[]), URL).is_err());
    let mjml = "<mjml><mj-head/><mj-body><mj-include path=\"/etc/passwd\" /></mj-body></mjml>";
    assert!(EmailTemplate::new("S", BodyFormat::Mjml, mjml).is_err());
}

#[test]
fn conditions_and_loops_work_inside_mjml_text() {
    let body = r#"<mjml><mj-body><mj-section><mj-column>
        <mj-text>{% if traits.vip %}Dear {{ traits.name | default("friend") }}{% endif %}
        {%- for g in traits.genres %} [{{ g }}]{% endfor %}</mj-text>
        <mj-button href="https://tv.example/?u={{ user_id }}">Go</mj-button>
    </mj-column></mj-section></mj-body></mjml>"#;
    let template = EmailTemplate::new("S", BodyFormat::Mjml, body).unwrap();
    let genres = Value::StringList(vec!["Drama".into(), "A&B".into()]);
    let rendered = template.render(&person(&[("vip", Value::Boolean(true)), ("genres", genres)]), URL).unwrap();
    assert!(rendered.html.contains("Dear friend [Drama] [A&amp;B]"), "{}", rendered.html);
    assert!(rendered.html.contains("https://tv.example/?u=u16"), "{}", rendered.html);
    assert!(!rendered.html.contains("fonts.googleapis"), "nobody else learns who reads");
    assert!(rendered.text.contains("Dear friend [Drama] [A&B]"), "{}", rendered.text);
}
