import HTTPTypes
import Hummingbird
import NIOCore
import Scheduler

extension TaskHandler {
    /// All tasks that a list would go through, one JSON object a line, page by page: what is in memory does not depend on
    /// how many there are. When it cannot go on, the answer ends without its end, as HTTP tells it.
    func export(_ request: Request) async throws -> Response {
        var query = try TaskListQuery(request.rawQuery.utf8, accepts: TaskListQuery.exportParameters)
        query.limit = Self.exportPage
        let scheduler = scheduler
        // The first page before the status is sent: most of what can be wrong is known by then.
        let first = try await scheduler.tasks(query.filter, before: query.cursor, limit: query.limit)
        return Response(
            status: .ok, headers: [.contentType: "application/jsonl"],
            body: ResponseBody { [query] writer in
                var page = first
                while true {
                    if !page.tasks.isEmpty { try await writer.write(ByteBuffer(bytes: Self.lines(page, query.view))) }
                    guard let next = page.next else { break }
                    page = try await scheduler.tasks(query.filter, before: next, limit: query.limit)
                }
                try await writer.finish(nil)
            })
    }

    private static let exportPage = 200

    private static func lines(_ page: TaskPage, _ view: TaskExtent) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(page.tasks.count * 768)
        for task in page.tasks {
            var writer = JSONWriter(capacity: 768)
            task.write(to: &writer, view)
            bytes += writer.bytes
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }
}
