"""Rooms of two members in two browsers with fake cameras and microphones."""
