import Scheduler
import Testing

@testable import Web

struct SafeHTMLTests {
    @Test(arguments: [
        ("<script>", "&lt;script&gt;"), ("a & b", "a &amp; b"), ("\"'", "&quot;&#39;"),
        // For Swift the mark and the accent are one character; for a browser they are two.
        ("\"\u{301}x", "&quot;\u{301}x"), ("<\u{338}b", "&lt;\u{338}b"), ("&\u{20DD}", "&amp;\u{20DD}"),
        ("a\0b", "a\u{FFFD}b"), ("漢字", "漢字"),
    ])
    func marksAreEscapedByCodePoint(_ text: String, _ escaped: String) {
        #expect(SafeHTML().escapeText(text) == escaped)
    }

    @Test func everyTemplateEscapesSo() {
        let html = PageRenderer.html(
            "problems", ["problems": [ShownProblem(FieldProblem("\"\u{301}", "<\u{338}"))]] as [String: Any])
        #expect(html.unicodeScalars.contains("<") && !html.contains("<\u{338}"))
        #expect(html.contains("&quot;\u{301}"))
    }
}

struct ReturnPathTests {
    @Test(arguments: [
        ("/admin/tasks?state=dead", "/admin/tasks?state=dead"), ("/admin", "/admin"), (nil, "/admin"), ("", "/admin"),
        ("https://evil.example/", "/admin"), ("//evil.example/admin", "/admin"), ("/\\evil.example", "/admin"),
        ("/admin/../../evil", "/admin"), ("/admin\r\nLocation: x", "/admin"), ("/admin/sign-in", "/admin"),
        ("/admin/sign-out", "/admin"), ("/v1/tasks", "/admin"), ("javascript:alert(1)", "/admin"),
        ("/admin//evil.example", "/admin"), ("/admin@evil.example", "/admin"),
        ("/admin?" + String(repeating: "x", count: 2000), "/admin"),
    ])
    func nobodyIsLedAway(_ asked: String?, _ path: String) {
        #expect(ReturnPath.checked(asked) == path)
    }
}

struct SecretMaskTests {
    private let mask = SecretMask.mask

    @Test(arguments: ["Authorization", "cookie", "X-Api-Key", "X-AUTH-TOKEN", "client_secret", "sign", "Key"])
    func headersThatAreSecrets(_ name: String) {
        #expect(SecretMask.isSecret(name))
    }

    @Test(arguments: ["Content-Type", "X-Order", "Accept", "keyboard", "design"])
    func headersThatAreNot(_ name: String) {
        #expect(!SecretMask.isSecret(name))
    }

    @Test func urlsLoseTheirSecretsOnly() {
        #expect(
            SecretMask.masked(url: "https://user:pass@host/a?order=1&token=abc&x=y#f")
                == "https://\(mask)@host/a?order=1&token=\(mask)&x=y#f")
        #expect(SecretMask.masked(url: "http://host/a@b?c=d") == "http://host/a@b?c=d")
    }

    @Test func whatIsLeftMaskedStaysAsItWas() {
        let original = [HeaderField(name: "Authorization", value: "Bearer x"), HeaderField(name: "A", value: "b")]
        let typed = [HeaderField(name: "authorization", value: mask), HeaderField(name: "A", value: "c")]
        #expect(
            SecretMask.unmasked(typed, original) == [original[0], HeaderField(name: "A", value: "c")])
        let url = "http://host/?token=abc"
        #expect(SecretMask.unmasked(url: SecretMask.masked(url: url), url) == url)
        #expect(SecretMask.unmasked(url: "http://other/", url) == "http://other/")
    }
}
