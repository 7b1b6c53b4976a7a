"""The provisioning station: blank fobs in, sealed fobs and a server file out (STATION)."""
