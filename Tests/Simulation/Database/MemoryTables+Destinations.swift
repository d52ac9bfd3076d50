package import MySQL
package import Scheduler

extension MemoryTables {
    /// Days do not pass in a simulation: nothing is paused for failing.
    package mutating func exchangeDestinations(_ reports: [DestinationReport], now: Timestamp) -> DestinationExchange {
        for report in reports {
            guard let openUntil = report.openUntil else {
                destinations[report.url]?.openUntil = nil
                destinations[report.url]?.failingSince = nil
                continue
            }
            var record =
                destinations[report.url]
                ?? DestinationRecord(
                    id: destinations.count + 1, url: report.url, settings: .init(), pausedAt: nil, pauseReason: nil,
                    openUntil: nil, failingSince: nil, createdAt: now, updatedAt: now)
            record.openUntil = max(record.openUntil ?? openUntil, openUntil)
            record.failingSince = record.failingSince ?? report.failingSince ?? openUntil
            destinations[report.url] = record
        }
        var exchange = DestinationExchange()
        exchange.all = destinations.values.sorted { $0.id < $1.id }
        return exchange
    }
}
