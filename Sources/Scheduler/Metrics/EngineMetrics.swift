package import CoreMetrics
import Transfer

/// Where the stages tell what they did: once for a batch, after its transaction.
package final class EngineMetrics: Sendable {
    package let tasksAccepted, tasksBuffered, tasksRefused, tasksQuarantined, tasksClaimed, tasksStarted: CounterFamily
    package let tasksDeferred: CounterFamily
    package let callsFired, earlyFires, outcomes, outcomesSuperseded, tasksRecovered, tasksExpired: CounterFamily
    package let leasesLost, transactionRetries: CounterFamily
    package let lateness, callDuration, deferral: @Sendable (Duration) -> Void
    package let poolWait, poolHold: HistogramFamily
    package let wheelTasks, callsInFlight, breakersOpen, destinationsPaused, intakeWaiting, outcomesWaiting: GaugeFamily
    package let ready, leaseAge, clockError: GaugeFamily
    package let databaseUp, backlogTasks, backlogOldest, instances, partitionsAhead: GaugeFamily
    package let historyListLength, oldestTransaction: GaugeFamily
    package let historyDays, historyOldest, historyOverdue, lastRemoval, lastRemovalFailure: GaugeFamily
    package let daysRemoved, tasksThinned, retentionFailures: CounterFamily
    package let replicaUp, replicaLag: GaugeFamily
    package let sourceUp, sourceMessages, sourceLag: GaugeFamily
    private let buildInfo: GaugeFamily

    /// From the start, because the first increment of a series that appears is none for Prometheus.
    private static let results: [[String]] = {
        let unsent: [TransferFailure.Kind] = [.fenced, .shutdown, .expired]
        let kinds = TransferFailure.Kind.allCases.filter { !unsent.contains($0) }.map(\.rawValue)
        let failures = (kinds + ["status", "rule"]).flatMap { [["retried", $0], ["dead", $0]] }
        return [["succeeded", "success"]] + failures
    }()

    /// - Parameter factory: who keeps the figures; without one nobody does.
    package init(_ factory: any MetricsFactory = NOOPMetricsHandler.instance, version: String = "") {
        func counter(_ metric: Metric, _ known: [[String]] = []) -> CounterFamily {
            CounterFamily(metric, factory, known: known)
        }
        func gauge(_ metric: Metric) -> GaugeFamily { GaugeFamily(metric, factory) }
        tasksAccepted = counter(MetricTable.tasksAccepted, [["request"], ["source"], ["follow_up"]])
        tasksBuffered = counter(MetricTable.tasksBuffered)
        tasksRefused = counter(MetricTable.tasksRefused)
        tasksQuarantined = counter(MetricTable.tasksQuarantined)
        tasksClaimed = counter(MetricTable.tasksClaimed, [["poll"], ["placed"]])
        tasksStarted = counter(MetricTable.tasksStarted)
        tasksDeferred = counter(
            MetricTable.tasksDeferred, DestinationGate.Reason.allCases.map { [$0.rawValue] })
        callsFired = counter(MetricTable.callsFired)
        earlyFires = counter(MetricTable.earlyFires)
        outcomes = counter(MetricTable.outcomes, Self.results)
        outcomesSuperseded = counter(MetricTable.outcomesSuperseded)
        tasksRecovered = counter(MetricTable.tasksRecovered, [["returned"], ["retried"], ["dead"]])
        tasksExpired = counter(MetricTable.tasksExpired)
        leasesLost = counter(MetricTable.leasesLost)
        transactionRetries = counter(MetricTable.transactionRetries, [["1205"], ["1213"]])
        lateness = HistogramFamily(MetricTable.lateness, factory).recorder()
        callDuration = HistogramFamily(MetricTable.callDuration, factory).recorder()
        deferral = HistogramFamily(MetricTable.deferral, factory).recorder()
        poolWait = HistogramFamily(MetricTable.poolWait, factory)
        poolHold = HistogramFamily(MetricTable.poolHold, factory)
        wheelTasks = gauge(MetricTable.wheelTasks)
        callsInFlight = gauge(MetricTable.callsInFlight)
        breakersOpen = gauge(MetricTable.breakersOpen)
        destinationsPaused = gauge(MetricTable.destinationsPaused)
        intakeWaiting = gauge(MetricTable.intakeWaiting)
        outcomesWaiting = gauge(MetricTable.outcomesWaiting)
        ready = gauge(MetricTable.ready)
        leaseAge = gauge(MetricTable.leaseAge)
        clockError = gauge(MetricTable.clockError)
        databaseUp = gauge(MetricTable.databaseUp)
        backlogTasks = gauge(MetricTable.backlogTasks)
        backlogOldest = gauge(MetricTable.backlogOldest)
        instances = gauge(MetricTable.instances)
        partitionsAhead = gauge(MetricTable.partitionsAhead)
        historyListLength = gauge(MetricTable.historyListLength)
        oldestTransaction = gauge(MetricTable.oldestTransaction)
        historyDays = gauge(MetricTable.historyDays)
        historyOldest = gauge(MetricTable.historyOldest)
        historyOverdue = gauge(MetricTable.historyOverdue)
        lastRemoval = gauge(MetricTable.lastRemoval)
        lastRemovalFailure = gauge(MetricTable.lastRemovalFailure)
        daysRemoved = counter(MetricTable.daysRemoved)
        tasksThinned = counter(MetricTable.tasksThinned)
        retentionFailures = counter(MetricTable.retentionFailures)
        replicaUp = gauge(MetricTable.replicaUp)
        replicaLag = gauge(MetricTable.replicaLag)
        sourceUp = gauge(MetricTable.sourceUp)
        sourceMessages = gauge(MetricTable.sourceMessages)
        sourceLag = gauge(MetricTable.sourceLag)
        buildInfo = gauge(MetricTable.buildInfo)
        buildInfo.replace(with: [([version], 1)])
    }
}
