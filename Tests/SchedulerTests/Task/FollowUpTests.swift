import MySQL
import Testing

@testable import Scheduler

@Suite struct FollowUpTests {
    static let plain = FollowUp(
        queue: "mail", request: CallbackRequest(method: "POST", url: "http://a.example/x?y=1"), successRule: .status2xx,
        retrySchedule: RetrySchedule(maxRetries: 2, delays: [.seconds(5), .milliseconds(250)]), timeout: .seconds(15))

    static let custom: FollowUp = {
        var followUp = plain
        var criteria = SuccessCriteria()
        criteria.rule = .status2xx
        criteria.statuses = [StatusRange("404")!]
        criteria.bodyContains = "\u{1F600}\"\\\n"
        followUp.successRule = .custom(criteria)
        followUp.request.headers = [HeaderField(name: "X-A", value: "b: \"c\"\t\u{E4}"), .init(name: "B", value: "")]
        followUp.request.maxRedirects = 3
        followUp.labels = ["order": "4\"2", "a": ""]
        followUp.retrySchedule.delays = []
        followUp.delay = .milliseconds(1250)
        return followUp
    }()

    @Test(arguments: [plain, custom]) func itIsReadAsItWasWritten(_ followUp: FollowUp) {
        #expect(FollowUp(storedText: followUp.text) == followUp)
        #expect(followUp.bytes > 300)
    }

    @Test func itsTextIsThatOfTheAPI() {
        #expect(
            Self.plain.text == """
                {"queue":"mail","request":{"method":"POST","url":"http://a.example/x?y=1","headers":{},"max_redirects":0},\
                "success":{"rule":"status_2xx"},"retry":{"max_retries":2,"delays":[5,0.25]},"timeout_ms":15000,\
                "labels":{},"delay_s":0}
                """)
    }

    @Test(arguments: [
        "", "{}", "[]", "null", "{\"queue\":\"mail\"}", plain.text.replacing("\"mail\"", with: "1"),
        plain.text.replacing("status_2xx", with: "status_9xx"),
        plain.text.replacing("\"delay_s\":0", with: "\"delay\":0"),
        plain.text.replacing("\"labels\":{}", with: "\"labels\":{\"a\":1}"),
        String(plain.text.dropLast()) + ",\"new\":1}", plain.text.replacing("[5,", with: "[\"5\","),
        plain.text.replacing("\"headers\":{}", with: "\"headers\":{\"a\":null}"),
    ]) func whatIsNotKnownIsNotRead(_ text: String) {
        #expect(FollowUp(storedText: text) == nil)
    }
}
