/// The version of this build, as `schedulerd version`, the instances table and the User-Agent say it.
public let schedulerVersion = "0.1.0"
