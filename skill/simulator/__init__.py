"""The developer's local page, and the requests that each platform would send."""
