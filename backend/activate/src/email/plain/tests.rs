use super::plain_text;

#[test]
fn blocks_become_lines_and_links_show_where_they_go() {
    let html = "<html><head><title>T</title><style>p > a { color: red }</style></head><body>\n\
        <h1>Good   <b>evening</b></h1><p>One<br>two&nbsp;three &amp; <i>four</i>.</p>\
        <ul><li>first</li><li>second</li></ul>\
        <p><a href=\"https://tv.example/?a=1&amp;b=2\">Watch</a> or \
        <a href='mailto:x@example.org'>x@example.org</a></p></body></html>";
    let text =
        "Good evening\n\nOne\ntwo three & four.\n\n- first\n- second\n\nWatch <https://tv.example/?a=1&b=2> or x@example.org\n";
    assert_eq!(plain_text(html), text);
}

#[test]
fn what_is_hidden_stays_hidden() {
    let html = "<div style=\"display: none; max-height:0\">preview <div>inner</div> text</div>\
        <!-- comment > --><!--[if mso]><p>Outlook</p><![endif]-->\
        <script>if (a < b) { alert('</p>') }</script><p>shown</p>";
    assert_eq!(plain_text(html), "shown\n");
}

#[test]
fn escaped_markup_is_text_and_odd_input_ends() {
    assert_eq!(plain_text("a &lt;b&gt; &#39;c&#x27; &unknown; & d"), "a <b> 'c' &unknown; & d\n");
    assert_eq!(plain_text("3 < 4 <p title='>'>x"), "3 < 4\n\nx\n");
    assert_eq!(plain_text("<a href=javascript:x>click</a><img alt=\"A cat\" src=x>"), "clickA cat\n");
    for html in ["<", "<!--", "<p", "<div style='display:none'>", "&#;", "&#xffffffff;", "</", "<a href>", "é<ü"] {
        plain_text(html);
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_taken(html in "[<>/a-c \"'=&;#!é-]{0,60}") {
        plain_text(&html);
    }
}
