/// A language that the pages are written in.
enum Language: String, CaseIterable, Sendable {
    case english = "en"
    case chinese = "zh-Hans"

    /// As it calls itself.
    var ownName: String {
        switch self {
        case .english: "English"
        case .chinese: "简体中文"
        }
    }

    /// The best of an `Accept-Language` field (RFC 9110, section 12.5.4); English when none fits.
    init(accepting field: String?) {
        var best = (language: Language.english, quality: 0.0)
        for range in (field ?? "").split(separator: ",").prefix(20) {
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
            guard let tag = parts.first, let language = Self(tag: tag) else { continue }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            if quality > best.quality { best = (language, quality) }
        }
        self = best.language
    }

    private init?(tag: String) {
        if tag == "*" || tag == "en" || tag.hasPrefix("en-") {
            self = .english
        } else if tag == "zh" || tag.hasPrefix("zh-") {
            self = .chinese
        } else {
            return nil
        }
    }
}
