"""Contacts and strides."""
