import MySQL
import Scheduler

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The id that delayQS gave a job when it took it up: an xid, twelve bytes of which the first four are unix seconds, in
/// base 32 with the digits `0` to `v`.
struct JobID: Equatable {
    /// When it was taken up.
    let time: Timestamp
    /// The other eight bytes.
    let rest: UInt64

    init?(_ text: String) {
        guard text.utf8.count == 20 else { return nil }
        var number: UInt128 = 0
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 5 | UInt128(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "v"): number = number << 5 | UInt128(byte - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        // Twenty digits hold four bits more than twelve bytes.
        number >>= 4
        time = Timestamp(microseconds: Int64(number >> 64) * 1_000_000)
        rest = UInt64(truncatingIfNeeded: number)
    }

    /// The same for the same job, whenever it is imported.
    var taskID: TaskID {
        TaskID(milliseconds: time.microseconds / 1000, random: (rest >> 62, rest << 2))
    }

    /// Of a job of the fail list. nil: it has none of delayQS.
    static func of(_ job: [UInt8]) -> JobID? {
        struct Job: Decodable {
            var id: String?
            enum CodingKeys: String, CodingKey { case id = "Id" }
        }
        // What is not a job has no id: nil says so.
        return (try? JSONDecoder().decode(Job.self, from: Data(job)))?.id.flatMap(JobID.init)
    }
}
