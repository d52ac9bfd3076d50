import MySQL
import Scheduler
import Testing

@Suite struct TaskIDTests {
    static let texts: [(String, UInt64, UInt64)] = [
        ("00000000-0000-0000-0000-000000000000", 0, 0),
        ("ffffffff-ffff-ffff-ffff-ffffffffffff", .max, .max),
        ("0192abcd-ef01-7123-8456-7890abcdef01", 0x0192_ABCD_EF01_7123, 0x8456_7890_ABCD_EF01),
    ]

    @Test(arguments: texts) func canonicalTextBothWays(text: String, high: UInt64, low: UInt64) throws {
        let id = TaskID(high: high, low: low)
        #expect(id.description == text)
        #expect(TaskID(text) == id)
        #expect(TaskID(text.uppercased()) == id)
        #expect(id.bytes.count == 16)
        #expect(TaskID(bytes: id.bytes) == id)
    }

    @Test(arguments: [
        "", "0192abcd", "0192abcdef0171238456 7890abcdef01", "0192abcdef01712384567890abcdef01",
        "0192abcd-ef01-7123-8456-7890abcdef0", "0192abcd-ef01-7123-8456-7890abcdef011",
        "0192abcd-ef01-7123-8456-7890abcdef0g", "0192abcd-ef01-7123-84567-890abcdef01",
        "0192abcd_ef01_7123_8456_7890abcdef01", "{192abcd-ef01-7123-8456-7890abcdef01}",
        " 192abcd-ef01-7123-8456-7890abcdef01", "-192abcd-ef01-7123-8456-7890abcdef01",
        "0192abcd-ef01-7123-8456-7890abcdef0é", "０192abcd-ef01-7123-8456-7890abcdef01",
    ])
    func otherTextIsNoID(text: String) {
        #expect(TaskID(text) == nil)
    }

    @Test(arguments: [0, 15, 17]) func onlySixteenBytesAreAnID(count: Int) {
        #expect(TaskID(bytes: Array(repeating: 1, count: count)) == nil)
    }

    @Test(arguments: [0, 1, 1_795_255_200_250, (1 << 48) - 1] as [Int64])
    func versionAndVariantAreThoseOfRFC9562(milliseconds: Int64) {
        for random: (UInt64, UInt64) in [(0, 0), (.max, .max), (0x1234_5678, 0x9ABC_DEF0_1234_5678)] {
            let id = TaskID(milliseconds: milliseconds, random: random)
            #expect(id.high >> 16 == UInt64(milliseconds))
            #expect(id.high >> 12 & 0xF == 7)
            #expect(id.high & 0xFFF == random.0 & 0xFFF)
            #expect(id.low >> 62 == 0b10)
            #expect(id.low & (1 << 62 - 1) == random.1 >> 2)
            #expect(Array(id.description)[14] == "7")
            #expect("89ab".contains(Array(id.description)[19]))
        }
    }

    @Test func orderIsThatOfTheBytes() {
        let ids = [
            TaskID(high: 0, low: 0), TaskID(high: 0, low: .max), TaskID(high: 1, low: 0),
            TaskID(high: 1 << 63, low: 0), TaskID.max,
        ]
        for (index, id) in ids.enumerated() {
            for (other, second) in ids.enumerated() {
                #expect((id < second) == (index < other))
                #expect((id < second) == id.bytes.lexicographicallyPrecedes(second.bytes))
            }
        }
    }

    @Test(arguments: [1_795_255_200_250_000, 1_795_255_200_250_999] as [Int64])
    func boundsEncloseWhatWasMadeFromThenOn(microseconds: Int64) {
        let time = Timestamp(microseconds: microseconds)
        let bound = TaskID.lowerBound(time)
        #expect(bound <= TaskID(milliseconds: 1_795_255_200_250, random: (0, 0)))
        #expect(bound > TaskID(milliseconds: 1_795_255_200_249, random: (.max, .max)))
        #expect(bound < TaskID.max)
    }

    @Test func timesBefore1970HaveTheLeastBound() {
        #expect(TaskID.lowerBound(Timestamp(microseconds: -1_000_000)) == TaskID(high: 0, low: 0))
    }

    @Test func literalIsHexadecimal() {
        var script = Script()
        let id = TaskID(high: 0x0192_ABCD_EF01_7123, low: 0x8456_7890_ABCD_EF01)
        id.writeLiteral(to: &script)
        #expect(String(decoding: script.bytes, as: UTF8.self) == "X'0192abcdef01712384567890abcdef01'")
        #expect(id.sqlValue == .bytes(id.bytes))
    }
}
