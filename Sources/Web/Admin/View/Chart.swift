/// Bars drawn on the server, as SVG: one for each minute.
struct Chart {
    struct Bar {
        let x: Int
        let width: Int
        let label: String
        let parts: [Part]
    }

    /// A piece of a bar, from its foot up.
    struct Part {
        let kind: String
        let y: String
        let height: String
    }

    let bars: [Bar]
    let width: Int
    let height: Int
    /// What the tallest bar stands for.
    let top: String
    let first: String
    let last: String

    private static let step = 10

    /// - Parameter values: for each bar its label and the pieces with their kinds.
    init(
        _ values: [(label: String, parts: [(kind: String, count: Int)])], height: Int = 100, first: String,
        last: String, _ texts: Texts
    ) {
        let highest = max(1, values.map { $0.parts.reduce(0) { $0 + $1.count } }.max() ?? 1)
        bars = values.enumerated().map { index, value in
            var foot = 0.0
            let parts = value.parts.filter { $0.count > 0 }.map { part in
                let size = Double(part.count) * Double(height) / Double(highest)
                foot += size
                return Part(kind: part.kind, y: Self.tenths(Double(height) - foot), height: Self.tenths(max(1, size)))
            }
            return Bar(x: index * Self.step + 1, width: Self.step - 2, label: value.label, parts: parts)
        }
        width = values.count * Self.step
        self.height = height
        top = texts.number(highest)
        self.first = first
        self.last = last
    }

    private static func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10))"
    }
}
