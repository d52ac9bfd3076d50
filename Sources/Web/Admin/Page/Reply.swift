import Hummingbird

/// What a visit leads to.
enum Reply {
    case page(Page)
    /// To another page, to be fetched with GET.
    case redirect(String, cookies: [Cookie] = [])
    case response(Response)

    /// Back to a page, which then says what was done.
    /// - Parameter notice: one of `Notice`.
    static func redirect(_ path: String, _ notice: Notice) -> Reply {
        .redirect("\(path)?notice=\(notice.rawValue)")
    }
}

/// What was done, as the next page says it.
enum Notice: String, CaseIterable {
    case signedOut = "signed_out"
    case taskCreated = "task_created"
    case taskCancelled = "task_cancelled"
    case taskRun = "task_run"
    case taskRetried = "task_retried"
    case taskDuplicated = "task_duplicated"
    case taskEdited = "task_edited"
    case messageRetried = "message_retried"
    case messageDeleted = "message_deleted"
    case operationCancelled = "operation_cancelled"
    case queueAdded = "queue_added"
    case queueChanged = "queue_changed"
    case queueDeleted = "queue_deleted"
    case queuePaused = "queue_paused"
    case queueResumed = "queue_resumed"
    case destinationChanged = "destination_changed"
    case destinationDeleted = "destination_deleted"
    case destinationSecretDropped = "destination_secret_dropped"
    case destinationPaused = "destination_paused"
    case destinationResumed = "destination_resumed"
    case userAdded = "user_added"
    case userChanged = "user_changed"
    case userDeleted = "user_deleted"
    case passwordChanged = "password_changed"
    case scheduleAdded = "schedule_added"
    case schedulePaused = "schedule_paused"
    case scheduleResumed = "schedule_resumed"
    case scheduleDeleted = "schedule_deleted"
    case keyDisabled = "key_disabled"
    case keyDeleted = "key_deleted"
}
