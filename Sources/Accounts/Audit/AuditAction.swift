/// What people do that is kept in the audit log.
package enum AuditAction: String, Sendable, CaseIterable {
    case signIn = "sign_in"
    case signInFailed = "sign_in_failed"
    case signInThrottled = "sign_in_throttled"
    case signOut = "sign_out"

    case taskAdd = "task.add"
    case taskEdit = "task.edit"
    case taskCancel = "task.cancel"
    case taskRun = "task.run"
    case taskRetry = "task.retry"
    case taskDuplicate = "task.duplicate"
    case taskRetryMany = "task.retry_many"
    case taskCancelMany = "task.cancel_many"
    case taskRescheduleMany = "task.reschedule_many"
    case taskRetryManyCancel = "task.retry_many_cancel"

    case queueAdd = "queue.add"
    case queueEdit = "queue.edit"
    case queuePurge = "queue.purge"
    case queueDelete = "queue.delete"
    case queuePause = "queue.pause"
    case queueResume = "queue.resume"

    case quarantineRetry = "quarantine.retry"
    case quarantineDiscard = "quarantine.discard"

    case userAdd = "user.add"
    case userEdit = "user.edit"
    case userPassword = "user.password"
    case userDisable = "user.disable"
    case userEnable = "user.enable"
    case userDelete = "user.delete"

    case scheduleAdd = "schedule.add"
    case scheduleEdit = "schedule.edit"
    case schedulePause = "schedule.pause"
    case scheduleResume = "schedule.resume"
    case scheduleRun = "schedule.run"
    case scheduleDelete = "schedule.delete"

    case keyAdd = "key.add"
    case keyDisable = "key.disable"
    case keyDelete = "key.delete"
}
