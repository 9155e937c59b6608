"""Configuration files shipped with LabLive: devices, montages, layouts."""
