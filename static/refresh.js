// A screen that hangs in a room looks again every five minutes.

setTimeout(() => location.reload(), 5 * 60 * 1000);
