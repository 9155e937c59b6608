"""One Qt style sheet, generated from the tokens."""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from ui.tokens import (
    CONTROL_PX,
    HEADING_PX,
    NOTE_PX,
    RADIUS_PX,
    TITLE_PX,
    VALUE_PX,
    blend,
)

if TYPE_CHECKING:
    from ui.tokens import Tokens

_ICONS = (Path(__file__).parent / "icons" / "fixed").as_posix()

# Labels choose their style by the dynamic property "role"; frames by "surface";
# buttons by "kind".
_TEMPLATE = Template("""
QWidget { color: $ink; }
QMainWindow, QDialog, QWidget[surface="ground"] { background: $ground; }
QFrame[surface="card"] {
  background: $card; border: 1px solid $line; border-radius: ${radius}px; }
QFrame[tone="good"] { border-color: $good; }
QFrame[tone="caution"] { border-color: $caution; }
QFrame[tone="poor"] { border-color: $poor; }
QFrame[surface="bar"] { background: $card; border: none; }
QFrame[surface="rail"] { background: $rail; border: none; }
QFrame[surface="rail"] QLabel { color: $rail_ink; }
QFrame[surface="rail"] QLabel[rail="name"] { font-weight: 700; color: $rail_bright; }
QFrame[surface="alert"] { background: $alert; border: none;
  border-top: 1px solid $line; border-bottom: 1px solid $line; }
QFrame[surface="tint"] { background: $accent_tint; border: none; }
QFrame[surface="line"] { background: $line; border: none; }

QLabel { background: transparent; }
QLabel[role="note"] { font-size: ${note}px; color: $muted; }
QLabel[role="alarm"] { font-size: ${note}px; color: $poor; font-weight: 600; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="concern"] { font-size: ${note}px; color: $caution; font-weight: 600; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="heading"] { font-size: ${heading}px; font-weight: 600; }
QLabel[role="title"] { font-size: ${title}px; font-weight: 700; }
QLabel[role="value"] { font-size: ${value}px; font-weight: 700; }
QLabel[role="value"]:disabled { color: $muted; font-weight: 500; }
QLabel[role="good"] { color: $good; font-weight: 600; }
QLabel[role="caution"] { color: $caution; font-weight: 600; }
QLabel[role="poor"] { color: $poor; font-weight: 600; }

QPushButton, QToolButton {
  background: $card; color: $ink; border: 1px solid $mark;
  border-radius: ${radius}px; padding: 0 14px; min-height: ${control_in}px;
  font-weight: 600; }
QPushButton:hover, QToolButton:hover { background: $hover; }
QPushButton:pressed, QToolButton:pressed { background: $line; }
QPushButton:focus, QToolButton:focus { border: 2px solid $accent; padding: 0 13px; }
QPushButton:disabled, QToolButton:disabled {
  color: $muted; border-color: $line; background: $ground; }
QPushButton[kind="primary"] {
  background: $accent; color: $on_accent; border-color: $accent; }
QPushButton[kind="primary"]:hover { background: $accent_hover; }
QPushButton[kind="primary"]:focus { border: 2px solid $ink; }
QPushButton[kind="danger"] {
  background: $poor; color: $on_poor; border-color: $poor; }
QPushButton[kind="danger"]:hover { background: $poor_hover; }
QPushButton[kind="danger"]:focus { border: 2px solid $ink; }
QPushButton[kind="primary"]:disabled, QPushButton[kind="danger"]:disabled {
  color: $muted; border-color: $line; background: $ground; }
QToolButton:checked, QPushButton:checked {
  background: $accent_tint; border-color: $accent; color: $accent; }
QToolButton[kind="quiet"] {
  background: transparent; border: 1px solid transparent; padding: 0 8px; }
QToolButton[kind="quiet"]:hover { background: $hover; }
QToolButton[kind="quiet"]:checked {
  background: $accent_tint; border: 1px solid $accent; }
QToolButton[kind="quiet"]:focus { border: 2px solid $accent; padding: 0 7px; }
QToolButton::menu-indicator { image: none; }
QToolButton[kind="block"] {
  background: transparent; border: 1px solid transparent; border-radius: 4px;
  padding: 0 3px; min-height: 18px; }
QToolButton[kind="block"]:hover { background: $hover; }
QToolButton[kind="block"]:focus { border: 1px solid $accent; padding: 0 3px; }

QLineEdit, QComboBox, QAbstractSpinBox, QPlainTextEdit, QTextEdit {
  background: $card; border: 1px solid $mark; border-radius: ${radius}px;
  padding: 0 10px; selection-background-color: $accent;
  selection-color: $on_accent; }
QLineEdit, QComboBox, QAbstractSpinBox { min-height: ${control_in}px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {
  width: 0; height: 0; border: none; }
QPlainTextEdit, QTextEdit { padding: 8px 10px; }
QLineEdit:focus, QComboBox:focus, QAbstractSpinBox:focus, QPlainTextEdit:focus,
QTextEdit:focus { border: 2px solid $accent; padding: 0 9px; }
QLineEdit:disabled, QComboBox:disabled, QAbstractSpinBox:disabled {
  background: $ground; color: $muted; border-color: $line; }
QComboBox::drop-down { border: none; width: 28px; }
QComboBox::down-arrow { image: url("$icons/down.svg"); width: 16px; height: 16px; }
QComboBox QAbstractItemView {
  background: $card; border: 1px solid $line; outline: none; padding: 4px; }

QCheckBox, QRadioButton { spacing: 8px; min-height: 24px; }
QCheckBox::indicator, QRadioButton::indicator {
  width: 18px; height: 18px; border: 1px solid $mark; background: $card; }
QCheckBox::indicator { border-radius: 4px; }
QRadioButton::indicator { border-radius: 10px; }
QCheckBox::indicator:checked {
  background: $accent; border-color: $accent; image: url("$icons/$check.svg"); }
QRadioButton::indicator:checked { border: 6px solid $accent; width: 8px; height: 8px; }
QCheckBox:focus, QRadioButton:focus { color: $accent; text-decoration: underline; }

QAbstractItemView {
  background: $card; alternate-background-color: $ground; border: none;
  selection-background-color: $accent_tint; selection-color: $ink; }
QAbstractItemView:focus { border: 2px solid $accent; }
QAbstractItemView::item { min-height: 32px; padding: 0 8px; border: none; }
QAbstractItemView::item:hover { background: $hover; }
QAbstractItemView::item:selected { background: $accent_tint; color: $ink; }
QHeaderView { background: $card; }
QHeaderView::section {
  background: $card; color: $muted; border: none; border-bottom: 1px solid $line;
  padding: 8px; font-size: ${note}px; font-weight: 600; }

QProgressBar {
  background: $line; border: none; border-radius: 4px; max-height: 8px;
  min-height: 8px; text-align: right; }
QProgressBar::chunk { background: $accent; border-radius: 4px; }

QSlider::groove:horizontal { background: $line; height: 4px; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal {
  background: $card; border: 2px solid $accent; width: 16px; height: 16px;
  margin: -8px 0; border-radius: 10px; }
QSlider { min-height: 28px; }
QSlider:focus { border: 2px solid $accent; border-radius: 4px; }

QScrollArea { border: none; background: transparent; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: $mark; border-radius: 4px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QToolTip {
  background: $ink; color: $card; border: none; padding: 6px 8px;
  font-size: ${note}px; }
QMenu { background: $card; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 8px 16px; border-radius: 4px; }
QMenu::item:selected { background: $accent_tint; color: $ink; }
QSplitter::handle { background: transparent; }
""")


def stylesheet(theme: Tokens, text_scale: float = 1.0) -> str:
    """Return the application's style sheet; sizes in logical px."""
    sizes = {
        "note": NOTE_PX,
        "heading": HEADING_PX,
        "title": TITLE_PX,
        "value": VALUE_PX,
    }
    return _TEMPLATE.substitute(
        {name: round(px * text_scale) for name, px in sizes.items()},
        radius=RADIUS_PX,
        control_in=CONTROL_PX - 2,  # the border is outside min-height
        alert=blend(theme.caution, theme.card, 0.10),
        hover=blend(theme.accent, theme.card, 0.08),
        ink=theme.ink,
        muted=theme.muted,
        ground=theme.ground,
        card=theme.card,
        line=theme.line,
        mark=theme.mark,
        rail=theme.rail,
        rail_ink=theme.rail_ink,
        rail_bright=theme.on_rail,
        accent=theme.accent,
        accent_hover=theme.accent_hover,
        accent_tint=theme.accent_tint,
        on_accent=theme.on_accent,
        good=theme.good,
        caution=theme.caution,
        poor=theme.poor,
        poor_hover=theme.poor_hover,
        icons=_ICONS,
        check="check_dark" if theme.is_dark else "check_light",
        on_poor=theme.on_poor,
    )
