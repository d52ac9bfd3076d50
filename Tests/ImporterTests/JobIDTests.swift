import MySQL
import Scheduler
import Testing

@testable import Importer

struct JobIDTests {
    /// The example of xid's own documentation: time, machine, process, counter.
    @Test func anExample() throws {
        let id = try #require(JobID("9m4e2mr0ui3e8a215n4g"))
        #expect(id.time == Timestamp(microseconds: 1_300_816_219_000_000))
        #expect(id.rest == 0x60f4_86e4_2841_2dc9)
        #expect(id.taskID >= TaskID.lowerBound(id.time) && id.taskID < TaskID.lowerBound(id.time + .milliseconds(1)))
    }

    @Test func idsThatDifferDoSoAsTasks() throws {
        let texts = ["9m4e2mr0ui3e8a215n4g", "9m4e2mr0ui3e8a215n50", "9m4e2mrgui3e8a215n4g", "9m4e2mu0ui3e8a215n4g"]
        let ids = texts.compactMap { JobID($0)?.taskID }
        #expect(Set(ids).count == texts.count)
    }

    @Test(arguments: [
        "", "9m4e2mr0ui3e8a215n4", "9m4e2mr0ui3e8a215n4gg", "9m4e2mr0ui3e8a215n4w", "9M4E2MR0UI3E8A215N4G",
    ])
    func refused(_ text: String) {
        #expect(JobID(text) == nil)
    }

    @Test(arguments: [
        (#"{"Id":"9m4e2mr0ui3e8a215n4g","body":{"a":1}}"#, true), (#"{"body":{"a":1}}"#, false), (#"{"Id":5}"#, false),
        (#"{"Id":"0172ca47-ca50-7b43-b985-10928955fdba"}"#, false), ("[]", false), ("", false),
    ])
    func ofAJob(_ job: String, _ hasID: Bool) {
        #expect((JobID.of(Array(job.utf8)) != nil) == hasID)
    }
}

struct DelayQSKeysTests {
    @Test func namesAreThoseOfTheFile() throws {
        var keys = DelayQSKeys()
        #expect(keys.bodies == "DelayQs:body")
        #expect(try DelayQSKeys(file: Array(#"{"redis":"redis://h/","key":"k"}"#.utf8)) == keys)
        (keys.retries, keys.bodies, keys.failed) = ("a", "b", "c")
        #expect(try DelayQSKeys(file: Array(#"{"retryIdKey":"a","bodyKey":"b","failKey":"c"}"#.utf8)) == keys)
    }
}
