import MySQL
import Scheduler

/// Producers and people: they hand tasks in and change them, through whichever process answers.
///
/// `@unchecked`: see `World`.
final class Client: @unchecked Sendable {
    private unowned let world: World
    private let oracle: Oracle
    private var random: SeededRandom
    private let queues: [String]
    private let isRush: Bool
    private let choose: () -> SimulatedProcess?
    /// The tasks that were accepted, and of which nothing is asked for at the moment.
    private var idle: [(number: Int, id: TaskID)] = []
    private var edits: [Int: Int] = [:]
    private var isDone = false

    init(
        _ world: World, _ oracle: Oracle, _ random: SeededRandom, queues: Int, isRush: Bool,
        choose: @escaping () -> SimulatedProcess?
    ) {
        self.world = world
        self.oracle = oracle
        self.random = random
        self.queues = (0..<queues).map { "queue\($0)" }
        self.isRush = isRush
        self.choose = choose
    }

    func stop() { isDone = true }

    // MARK: Tasks

    private static let rule: SuccessRule = {
        var criteria = SuccessCriteria()
        criteria.rule = .status2xx
        criteria.permanentFailure = [StatusRange("\(Destination.finalStatus)")!]
        return .custom(criteria)
    }()

    func accept(_ number: Int, tries: Int = 0) {
        let timeout = Duration.milliseconds(random.integer(200...2000))
        let delay: Int64 =
            switch isRush ? 0 : random.integer(0...9) {
            case 0: -random.time(0...3000)
            case 1...5: random.time(0...2500)
            default: random.time(1000...15_000)
            }
        var task = NewTask(
            queue: random.pick(queues), planTime: world.databaseNow + .nanoseconds(delay),
            request: CallbackRequest(method: "POST", url: Oracle.url(number, version: 0)), successRule: Self.rule,
            retrySchedule: RetrySchedule(
                maxRetries: random.integer(0...4),
                delays: (0..<random.integer(0...3)).map { _ in .milliseconds(random.pick([0, 50, 300, 2000, 5000])) }),
            timeout: timeout, onLost: random.chance(0.25) ? .dead : .retry)
        if random.chance(0.15) { task.expiresAt = task.planTime + .milliseconds(random.integer(5...4000)) }
        if random.chance(0.3) { task.followUps = followUps(of: number, random.pick(FollowUp.Occasion.allCases)) }
        oracle.planned(number, timeout: timeout, isSlow: isRush)
        guard let process = choose() else { return again(number, tries) }
        process.serve { [self, task] engine in
            do {
                let record = try await engine.accept(task)
                if process.isDead { return }
                world.note("client: \(number) is accepted as \(record.id)")
                oracle.accepted(number, record.id)
                idle.append((number, record.id))
            } catch {
                if process.isDead { return }
                // It may be there all the same; then it is called like any other.
                world.note("client: \(number) is refused: \(error)")
            }
        }
    }

    /// One only: a trace shows what transactions gave, and a dictionary of two has no order.
    private func followUps(of number: Int, _ occasion: FollowUp.Occasion) -> [FollowUp.Occasion: FollowUp] {
        let (follower, timeout) = (Oracle.follower(of: number, occasion), Duration.milliseconds(500))
        oracle.planned(follower, timeout: timeout, isSlow: false)
        let followUp = FollowUp(
            queue: random.pick(queues),
            request: CallbackRequest(method: "POST", url: Oracle.url(follower, version: 0)), successRule: Self.rule,
            retrySchedule: RetrySchedule(maxRetries: random.integer(0...2), delays: [.milliseconds(300)]),
            timeout: timeout, delay: .milliseconds(random.pick([0, 0, 100, 4000])))
        return [occasion: followUp]
    }

    /// Nobody was there who could have taken it.
    private func again(_ number: Int, _ tries: Int) {
        if tries < 10 { world.after(random.time(100...2000)) { [self] in accept(number, tries: tries + 1) } }
    }

    // MARK: Queues

    func setPaused(_ isPaused: Bool, queue: Int) {
        guard let process = choose() else { return }
        let name = queues[queue]
        world.note("client asks \(process.name) to \(isPaused ? "pause" : "resume") \(name)")
        process.serve { [self] engine in
            do {
                try await engine.setPaused(isPaused, queue: name)
            } catch {
                if process.isDead { return }
                world.note("client: \(name): \(error)")
                // No task has named it yet.
                if error as? SchedulerError == .unknownQueue(name) { return }
                if (error as? MySQLError)?.isTransient != true { world.violate("a pause ended in \(error)") }
            }
        }
    }

    // MARK: Steering

    func steer() {
        guard !isDone, !idle.isEmpty, let process = choose(), process.engine != nil else { return }
        let (number, id) = idle.remove(at: random.integer(0...idle.count - 1))
        switch random.integer(0...9) {
        case 0...3: ask(.cancel, number, id, process)
        case 4...6: edit(number, id, process)
        case 7: ask(.runNow, number, id, process)
        default:
            oracle.retryIsAsked(number)
            ask(.retry, number, id, process)
        }
    }

    private func edit(_ number: Int, _ id: TaskID, _ process: SimulatedProcess) {
        let planTime: Timestamp? =
            random.chance(0.6) ? world.databaseNow + .nanoseconds(random.time(0...6000) - 500_000_000) : nil
        if planTime != nil, random.chance(0.3) {
            return ask(.edit(planTime: planTime, request: nil), number, id, process)
        }
        let version = edits[number, default: 0] + 1
        edits[number] = version
        let request = CallbackRequest(method: "POST", url: Oracle.url(number, version: version))
        ask(.edit(planTime: planTime, request: request), number, id, process, version: version)
    }

    private func ask(
        _ steering: Steering, _ number: Int, _ id: TaskID, _ process: SimulatedProcess, version: Int? = nil
    ) {
        world.note("client asks \(process.name) for \(steering) of \(number)")
        // It is unknown until it is known.
        if let version { oracle.editIsUnknown(number, version: version) }
        switch steering {
        case .edit(let edit): if edit.planTime != nil { oracle.moveIsAsked(number) }
        case .runNow: oracle.moveIsAsked(number)
        case .cancel, .retry, .only: break
        }
        process.serve { [self] engine in
            do {
                _ = try await engine.steer(id, steering)
                if process.isDead { return }
                world.note("client: done, \(number)")
                switch steering {
                case .cancel: oracle.cancelled(number)
                case .retry: oracle.retryIsAnswered(number)
                case .edit: if let version { oracle.edited(number, version: version) }
                case .runNow, .only: break
                }
            } catch let error as SchedulerError {
                if process.isDead { return }
                world.note("client: \(number): \(error)")
                if case .retry = steering { oracle.retryIsAnswered(number) }
            } catch {
                if process.isDead { return }
                world.note("client: \(number): \(error)")
                if (error as? MySQLError)?.isTransient != true { world.violate("steering ended in \(error)") }
            }
            idle.append((number, id))
        }
    }
}
