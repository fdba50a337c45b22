"""Envelope ↔ Turn and Reply, one file a platform. An adapter translates and decides nothing."""
