import Accounts
import HTTPTypes
import Scheduler

/// What stands around every page: navigation, languages, the notice of what was done.
enum Layout {
    private static let paths: [Page.Section: String] = [
        .overview: AdminRoute.root, .tasks: "/admin/tasks", .schedules: "/admin/schedules",
        .deadLetters: "/admin/dead-letters",
        .quarantine: "/admin/quarantine", .queues: "/admin/queues", .destinations: "/admin/destinations",
        .instances: "/admin/instances", .users: "/admin/users", .keys: "/admin/keys", .audit: "/admin/audit",
    ]
    private static let forAdministrators: Set<Page.Section> = [.users, .keys, .audit]

    struct Entry {
        let path: String
        let text: String
        let isCurrent: Bool
    }

    struct OtherLanguage {
        let tag: String
        let name: String
        let path: String
    }

    static func html(_ page: Page, _ visit: Visit) -> String {
        let texts = visit.texts
        var content = page.content
        content["t"] = texts
        content["title"] = page.title
        content["template"] = page.template
        content["language"] = visit.language.rawValue
        content["stylesheet"] = Asset.path(of: "admin.css")
        content["script"] = Asset.path(of: "admin.js")
        content["icon"] = Asset.path(of: "icon.svg")
        content["languages"] = Language.allCases.filter { $0 != visit.language }.map { other in
            OtherLanguage(tag: other.rawValue, name: other.ownName, path: path(in: other, visit))
        }
        if page.status == .ok, let notice = visit.query["notice"].flatMap(Notice.init(rawValue:)) {
            content["notice"] = texts("notice_\(notice.rawValue)")
        }
        if let remark = visit.readingRemark {
            content[remark.isWarning ? "readingWarning" : "readingRemark"] = remark.text
        }
        if let signedIn = visit.signedIn {
            content["visitor"] = signedIn.user.profile.name
            content["role"] = texts("role_\(signedIn.user.profile.role.rawValue)")
            content["csrf"] = signedIn.session.csrfToken
            content["mayOperate"] = visit.may(.operator)
            content["mayAdminister"] = visit.may(.administrator)
            content["navigation"] = Page.Section.allCases.compactMap { section -> Entry? in
                if forAdministrators.contains(section), !visit.may(.administrator) { return nil }
                return Entry(
                    path: paths[section]!, text: texts(section.textKey), isCurrent: section == page.section)
            }
        }
        return PageRenderer.html("layout", content)
    }

    /// The same page in another language.
    private static func path(in language: Language, _ visit: Visit) -> String {
        let kept = visit.query.pairs.filter { !["language", "notice"].contains($0.name) }.map { pair in
            [pair.name, pair.value].map { QueryEscape.encode($0) }.joined(
                separator: "=")
        }
        return "?" + (kept + ["language=\(language.rawValue)"]).joined(separator: "&")
    }
}

extension Page.Section {
    var textKey: String { self == .deadLetters ? "dead_letters" : rawValue }
}
