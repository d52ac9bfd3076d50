import MySQL
import Scheduler
import TestSupport
import Testing

/// What the instances tell each other of destinations, and what people set.
@Suite struct DestinationStoreTests {
    private static let url = "https://shop.example"

    private static func settings(_ change: (inout DestinationRecord.Settings) -> Void) -> DestinationRecord.Settings {
        var settings = DestinationRecord.Settings()
        change(&settings)
        return settings
    }

    private static func failing(_ since: Duration, until: Duration) -> DestinationReport {
        DestinationReport(url: url, openUntil: .now + until, failingSince: .now - since)
    }

    @Test func settingsAreKeptWhateverElseIsFoundOut() async throws {
        try await StoreFixture.with { fixture in
            let store = fixture.store
            let settings = Self.settings {
                ($0.maxConcurrency, $0.rate, $0.burst, $0.breakerFailures) = (5, 0.25, 2, 0)
                $0.notes = "contract of May ж"
            }
            #expect(try await store.setDestination(Self.url, settings))
            #expect(try await !store.setDestination(Self.url, settings))
            let id = try #require(try await store.destination(url: Self.url)).id
            var all = try await store.exchangeDestinations(
                [Self.failing(.seconds(9), until: .seconds(60))], pauseAfter: nil
            ).all
            #expect(all.map(\.settings) == [settings])
            let openUntil = try #require(all[0].openUntil)
            let since = try #require(all[0].failingSince)
            // The longest holds, and the earliest.
            all = try await store.exchangeDestinations(
                [Self.failing(.seconds(1), until: .seconds(30))], pauseAfter: nil
            ).all
            #expect(all[0].openUntil == openUntil && all[0].failingSince == since)
            all = try await store.exchangeDestinations(
                [Self.failing(.seconds(1), until: .seconds(90))], pauseAfter: nil
            ).all
            #expect(all[0].openUntil! > openUntil && all[0].failingSince == since)
            try await store.setDestinationPaused(id, reason: "noon")
            let paused = try #require(try await store.destination(id: id))
            #expect(paused.pausedAt != nil && paused.pauseReason == "noon" && !paused.pausesItself)
            #expect(paused.settings == settings)
            // Somebody says that it works.
            try await store.setDestinationPaused(id, reason: nil)
            let resumed = try #require(try await store.destination(id: id))
            #expect(resumed.pausedAt == nil && resumed.openUntil == nil && resumed.failingSince == nil)
            #expect(try await store.deleteDestination(id))
            #expect(try await !store.deleteDestination(id))
            #expect(try await store.destination(id: id) == nil)
        }
    }

    @Test func whatHasFailedForLongIsPausedOnceAndOnlyWhileItFails() async throws {
        try await StoreFixture.with { fixture in
            let store = fixture.store
            func exchange(_ reports: [DestinationReport] = []) async throws -> DestinationExchange {
                try await store.exchangeDestinations(reports, pauseAfter: .seconds(3600))
            }
            #expect(try await exchange([Self.failing(.seconds(1800), until: .seconds(60))]).paused.isEmpty)
            try fixture.database.change("UPDATE destinations SET failing_since = failing_since - INTERVAL 1 HOUR")
            let found = try await exchange()
            #expect(found.paused == [Self.url])
            #expect(found.all[0].pausedAt != nil && found.all[0].pausesItself)
            #expect(found.all[0].pauseReason?.hasPrefix("it has failed since ") == true)
            #expect(try await exchange().paused.isEmpty)
            #expect(try await exchange().all[0].pausesItself)
            try await store.setDestinationPaused(found.all[0].id, reason: nil)
            #expect(try await store.destination(url: Self.url)?.pausesItself == false)
            // One that nobody has called since is not known to fail.
            _ = try await exchange([Self.failing(.seconds(7200), until: .seconds(-4000))])
            let last = try #require(try await store.destination(url: Self.url))
            #expect(last.failingSince != nil && last.pausedAt == nil)
        }
    }

    @Test func whatFailedOnceIsForgottenAndWhatSomebodyMadeIsNot() async throws {
        try await StoreFixture.with { fixture in
            let store = fixture.store
            let other = "http://other.example"
            _ = try await store.setDestination(Self.url, .init())
            func report(_ until: Timestamp?) -> [DestinationReport] {
                [Self.url, other].map { DestinationReport(url: $0, openUntil: until, failingSince: until) }
            }
            #expect(try await store.exchangeDestinations(report(.now + .seconds(5)), pauseAfter: nil).all.count == 2)
            // It works again: a while it is remembered, but nobody has to know.
            #expect(try await store.exchangeDestinations(report(nil), pauseAfter: nil).all.map(\.url) == [Self.url])
            #expect(try await store.destination(url: other)?.failingSince == nil)
            try fixture.database.change("UPDATE destinations SET updated_at = updated_at - INTERVAL 8 DAY")
            _ = try await store.exchangeDestinations(report(nil), pauseAfter: nil)
            #expect(try await store.destinations(after: 0, limit: 9).map(\.url) == [Self.url])
            // Or nothing was sent to it for long.
            _ = try await store.exchangeDestinations(report(.now + .seconds(5)), pauseAfter: nil)
            try fixture.database.change("UPDATE destinations SET open_until = open_until - INTERVAL 8 DAY")
            _ = try await store.exchangeDestinations([], pauseAfter: .seconds(86_400))
            let left = try await store.destinations(after: 0, limit: 9)
            #expect(left.map(\.url) == [Self.url] && left[0].failingSince == nil && left[0].pausedAt == nil)
        }
    }

    @Test func theListGoesOnAfterANumber() async throws {
        try await StoreFixture.with { fixture in
            for number in 1...5 { _ = try await fixture.store.setDestination("http://h\(number).example", .init()) }
            let first = try await fixture.store.destinations(after: 0, limit: 3)
            let rest = try await fixture.store.destinations(after: first.last!.id, limit: 3)
            #expect((first + rest).map(\.url) == (1...5).map { "http://h\($0).example" })
        }
    }
}
