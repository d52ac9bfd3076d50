import MySQL
import Testing

@testable import Scheduler

@Suite struct WebhookSignerTests {
    static let id = TaskID("0198a3f2-7c1e-7abc-9def-0123456789ab")!
    static let time = Timestamp(microseconds: 1_614_265_330_999_999)
    /// 24 bytes.
    static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    static let other = "whsec_" + Base64.encode(Array(repeating: 7, count: 64))

    static func headers(
        _ secrets: [String] = [secret], _ method: String = "POST", _ url: String = "http://a.example/",
        _ body: String = #"{"test": 2432232314}"#
    ) throws -> [String: String] {
        let signer = try #require(WebhookSigner(secrets.map { try WebhookSecret($0) }))
        let headers = signer.headers(id: id, time: time, method: method, url: url, body: Array(body.utf8))
        return Dictionary(uniqueKeysWithValues: headers.map { ($0.name, $0.value) })
    }

    /// Made by Python's hmac.
    @Test func aBodyIsSigned() throws {
        #expect(
            try Self.headers() == [
                "webhook-id": "0198a3f2-7c1e-7abc-9def-0123456789ab", "webhook-timestamp": "1614265330",
                "webhook-signature": "v1,YFyzm50G59DKDEIBkAkOvMiA1HHQ3lam9iF6YDes6wk=",
            ])
    }

    @Test func eachSecretSigns() throws {
        let one = try Self.headers([Self.secret])["webhook-signature"]!
        let two = try Self.headers([Self.other])["webhook-signature"]!
        #expect(try Self.headers([Self.secret, Self.other])["webhook-signature"] == "\(one) \(two)")
        #expect(one != two)
    }

    @Test func withoutABodyMethodAndURLAreSigned() throws {
        let headers = try Self.headers([Self.secret], "GET", "HTTP://A.Example:80/x/../y?z=1#part", "")
        #expect(headers["webhook-signature"] == "v1,j8iG1SuAv2lPn1zZrUmpoawayXKPUpKqAeHeusFHsbc=")
        #expect(headers["webhook-request-signature"] == "v1,4CSwmzP8VQ/IXdNq/h/S3Hpkw5lwW0usZHOdeBGgJ/g=")
        #expect(try Self.headers()["webhook-request-signature"] == nil)
    }

    @Test(arguments: [
        "", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa==",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS ",
        "whsec_" + Base64.encode(Array(repeating: 7, count: 23)),
        "whsec_" + Base64.encode(Array(repeating: 7, count: 65)),
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_",
    ])
    func othersAreNoSecrets(_ text: String) {
        let fault = #expect(throws: WebhookSecretFault.self) { try WebhookSecret(text) }
        #expect(fault?.reason.contains("MfKQ") == false)
    }

    @Test func aSecretIsNeverShown() throws {
        let secret = try WebhookSecret(Self.secret)
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), dumped, "\([secret])"] {
            #expect(text.contains("whsec_…"))
            #expect(!text.contains("242"), "a byte of the key")
        }
    }

    @Test func withoutSecretsThereIsNoSigner() {
        #expect(WebhookSigner([]) == nil)
    }
}
