import Testing

@testable import Accounts

struct PasswordHashTests {
    /// Of `pleaseletmein`: by libxcrypt's own vectors for scrypt, and by Go's golang.org/x/crypto/bcrypt.
    static let scrypt = "$7$F6..../....SodiumChloride$j./zOHlIhIqEnk2qNS5N5wj0cbrkkRH9ZHvsRqI9VoC"
    static let bcrypt = "$2a$10$abcdefghijklmnopqrstuuObDM/yjNsxVhTh6/DXDG2d5rAb9mxOe"

    @Test func methods() {
        #expect(PasswordHash(Self.scrypt)?.method == .scrypt)
        #expect(PasswordHash(Self.bcrypt)?.method == .bcrypt)
    }

    @Test(arguments: [
        "", "x", "$7$", "$7$F6..../....", "$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D",
        "$7$F6..../....é", "$1$abc$def", "$2a$31$abcdefghijklmnopqrstuuObDM/yjNsxVhTh6/DXDG2d5rAb9mxOe",
        "$2a$10$abcdefghijklmnopqrstuuObDM/yjNsxVhTh6/DXDG2d5rAb9mxO",
        "$2a$1$abcdefghijklmnopqrstuuObDM/yjNsxVhTh6/DXDG2d5rAb9mxOe",
        "$2x$10$abcdefghijklmnopqrstuuObDM/yjNsxVhTh6/DXDG2d5rAb9mxOe",
        "$2a$10$abcdefghijklmnopqrstu!ObDM/yjNsxVhTh6/DXDG2d5rAb9mxOe", "pleaseletmein",
    ])
    func refused(_ text: String) {
        #expect(PasswordHash(text) == nil)
    }
}

struct NewPasswordTests {
    @Test(arguments: ["1234567890", "密码密码密码密码密码", "with blanks and 😀", String(repeating: "x", count: 511)])
    func accepted(_ text: String) throws {
        #expect(try NewPassword(text).text == text)
    }

    @Test(arguments: ["", "123456789", "12345\u{0}67890", "12345\n67890", String(repeating: "x", count: 512)])
    func refused(_ text: String) {
        #expect(throws: UserError.self) { try NewPassword(text) }
    }

    @Test func generatedOnesDiffer() throws {
        let all = (0..<100).map { _ in NewPassword.generate().text }
        #expect(Set(all).count == 100)
        for text in all { _ = try NewPassword(text) }
    }
}

struct PasswordsTests {
    @Test func whatIsHashedIsRecognised() async throws {
        let passwords = Passwords()
        let first = try await passwords.hash(NewPassword("correct horse 密码"))
        let second = try await passwords.hash(NewPassword("correct horse 密码"))
        #expect(first.text != second.text)
        #expect(first.method == .scrypt)
        #expect(try await passwords.verify("correct horse 密码", first) == .right(isOutdated: false))
        #expect(try await passwords.verify("correct horse 密", first) == .wrong)
        passwords.close()
    }

    @Test func oldAndForeignHashesAreRecognised() async throws {
        let passwords = Passwords()
        let scrypt = try #require(PasswordHash(PasswordHashTests.scrypt))
        let bcrypt = try #require(PasswordHash(PasswordHashTests.bcrypt))
        #expect(try await passwords.verify("pleaseletmein", scrypt) == .right(isOutdated: false))
        #expect(try await passwords.verify("pleaseletmein", bcrypt) == .right(isOutdated: true))
        #expect(try await passwords.verify("pleaseletmeout", bcrypt) == .wrong)
        #expect(try await passwords.verify("pleaseletmein", nil) == .wrong)
        passwords.close()
    }

    /// crypt(3) ends at a zero, and refuses more than 511 bytes.
    @Test(arguments: ["pleaseletmein\u{0}x", String(repeating: "pleaseletmein", count: 40), ""])
    func impossiblePasswordsAreWrong(_ text: String) async throws {
        let passwords = Passwords()
        let bcrypt = try #require(PasswordHash(PasswordHashTests.bcrypt))
        #expect(try await passwords.verify(text, bcrypt) == .wrong)
        #expect(try await passwords.verify(text, nil) == .wrong)
        passwords.close()
    }
}

struct UserProfileTests {
    @Test(arguments: ["a", "管理员", "alice smith", String(repeating: "é", count: 100)])
    func accepted(_ name: String) throws {
        try UserProfile(name: name, role: .viewer).check()
    }

    @Test(arguments: ["", " a", "a ", "a\nb", "a\u{7F}", String(repeating: "x", count: 101)])
    func refused(_ name: String) {
        #expect(throws: UserError.self) { try UserProfile(name: name, role: .viewer).check() }
    }

    @Test func everyFieldHasALimit() {
        var profile = UserProfile(name: "a", role: .viewer)
        profile.email = String(repeating: "x", count: 255)
        #expect(throws: UserError.invalid("email", "must have 0 to 254 characters")) { try profile.check() }
        profile.email = ""
        profile.telephone = "1\u{9}2"
        #expect(throws: UserError.invalid("telephone", "must not hold a control character")) { try profile.check() }
    }
}
