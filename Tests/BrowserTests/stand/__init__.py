"""What the browser tests stand on: servers, schedulerd, a receiver, and clients with and without a browser."""
